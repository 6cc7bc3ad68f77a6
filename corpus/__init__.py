"""Invented testimonies for demonstrations, measurements and tests: `docs/corpus.md`.

    for interview in corpus.records(seed=1, count=1000): …    documents as `intake submit` reads them
    for path, data in corpus.media(seed=1, number=17): …      the files that interview 17 names

Nobody in them exists, and nothing in them happened. Everything follows from the seed alone: no clock, no
randomness, no floating point, no compression whose output depends on a library's version.
"""

from corpus.consents import Offer
from corpus.interviews import media, records, write

__all__ = ["Offer", "media", "records", "write"]
