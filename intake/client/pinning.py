"""Whose signatures on a log count, and how that may change.

Keys come from a person (`given`), from the service at the first pull (`first`), or from an entry
`log.keys` that a checkpoint covers which older keys have signed (`announced`). They are kept in this
order. A checkpoint needs a signature of every type there is among them. Once newer keys sign without the
oldest, these have been retired and do not count any more; a checkpoint from which somebody only removed
the newer ones' lines retires nobody.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from crypto import checks
from crypto.errors import FormatError, VerifyError
from crypto.notes import Note, VerifierKey
from intake.client.mirror import Mirror, Pin

GIVEN: Final = "given"
FIRST: Final = "first"
ANNOUNCED: Final = "announced"


def pin(mirror: Mirror, given: Sequence[VerifierKey], shown: Any) -> list[VerifierKey]:
    """Pin keys for a log; return those that are trusted only because the service showed them.

    A key given by hand that is not known yet puts an end to trust in what the service showed at first.
    """
    its = [key for key in given if key.name == mirror.origin]
    if given and not its:
        raise VerifyError(f"none of the keys given (--log-key) is one of {mirror.origin}")
    for known in mirror.pins:
        known.how = GIVEN if known.key in its else known.how
    fresh = [key for key in its if key not in [known.key for known in mirror.pins]]
    if fresh:
        mirror.pins = [known for known in mirror.pins if known.how != FIRST]
        mirror.pins += [Pin(key, GIVEN) for key in fresh]
    if mirror.pins:
        return []
    keys = [VerifierKey.parse(text) for text in checks.items(shown, 16)]
    if not keys or any(key.name != mirror.origin for key in keys):
        raise VerifyError(f"the service shows no keys of {mirror.origin}")
    mirror.pins = [Pin(key, FIRST) for key in keys]
    return keys


def signers(mirror: Mirror, note: Note) -> list[VerifierKey]:
    """The pinned keys that claim to have signed; `VerifyError` unless each type is among them."""
    found = [known.key for known in mirror.pins if note.signature_by(known.key)]
    if {key.kind for key in found} == {known.key.kind for known in mirror.pins}:
        return found
    known = {known.key.id for known in mirror.pins}
    strangers = [s.key_id.hex() for s in note.signatures if s.name == mirror.origin and s.key_id not in known]
    if strangers:
        raise VerifyError(
            f"it is signed by keys that are not pinned ({', '.join(strangers)}), and no verified entry of the"
            " log announced them. If the operator published them elsewhere, give them with --log-key in a"
            " new folder"
        )
    raise VerifyError("a pinned key has not signed it")


def retire(mirror: Mirror, signed: Sequence[VerifierKey]) -> None:
    """Forget keys that are older than the oldest that signs."""
    places = [i for i, known in enumerate(mirror.pins) if known.key in signed]
    mirror.pins = mirror.pins[min(places) :]


def learn(records: Mirror, access: Mirror, *, first: bool) -> None:
    """Trust keys that an entry announced, now that a checkpoint covers it. Both logs have the same keys.

    An announcement lists all keys that sign from then on, older ones first: what stands after the last
    one that is known is new. At the first pull an announcement in which nothing is known is history.
    They are announced for the log of records; the name is what differs for the other log.
    """
    covered = [texts for index, texts in records.announced if index < records.verified]
    records.announced = [(i, texts) for i, texts in records.announced if i >= records.verified]
    for texts in covered:
        known = {pin.key.text for pin in records.pins}
        places = [i for i, text in enumerate(texts) if text in known]
        if not places and first:
            continue
        for key in _readable(texts[max(places, default=-1) + 1 :]):
            if key.name != records.origin:
                continue
            for mirror in (records, access):
                renamed = replace(key, name=mirror.origin)
                if mirror.pins and renamed not in [pin.key for pin in mirror.pins]:
                    mirror.pins.append(Pin(renamed, ANNOUNCED))
    if covered:
        records.save()
        access.save()


def _readable(texts: Sequence[str]) -> Iterator[VerifierKey]:
    """What cannot be read is not trusted."""
    for text in texts:
        with suppress(FormatError):
            yield VerifierKey.parse(text)
