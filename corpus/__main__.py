"""`python -m corpus`: make a corpus in a folder."""

import argparse
import sys
from pathlib import Path

from corpus.consents import Offer
from corpus.files import SIZES
from corpus.interviews import LIST, write


def main(arguments: list[str]) -> int:
    """Make it, and say what to do with it."""
    parser = argparse.ArgumentParser(prog="python -m corpus", description=__doc__)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="a folder; it is made, and must be empty")
    parser.add_argument("--media", choices=SIZES, default="small")
    parser.add_argument(
        "--mechanism", action="append", help="ID or ID:purpose+purpose; demo if none is named"
    )
    parser.add_argument("--plain", action="store_true", help="for mechanisms that have published no profile")
    given = parser.parse_args(arguments)
    try:
        offers = [Offer.parse(text, given.plain) for text in given.mechanism or ["demo"]]
    except ValueError as error:
        parser.error(str(error))
    if len({offer.mechanism for offer in offers}) < len(offers):
        parser.error("a mechanism is named twice")
    if given.out.exists() and (not given.out.is_dir() or any(given.out.iterdir())):
        parser.error(f"{given.out} is there already, and is not an empty folder")
    size = write(given.out, given.seed, given.records, offers, given.media)
    print(
        f"{given.records} invented interviews in {given.out / LIST}, {size / 1e6:.0f} MB of files beside it."
    )
    print("While a service runs (make run), in another terminal:\n")
    print(f"  .venv/bin/intake submit {given.out / LIST} --destroy-receipts --yes\n")
    print("Nobody can come back to what was sent like this. To try that, send one and note its receipt:\n")
    print(f"  .venv/bin/intake submit {given.out / LIST} --only C{given.seed}-00001\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
