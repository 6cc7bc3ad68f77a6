"""A record is spoken of by two words, the same in Python and in the browser (`web/test/records.test.ts`)."""

from pathlib import Path

from intake.record.names import STEMS, record_name

ROOT = Path(__file__).parents[2]


def test_a_record_has_a_name_of_two_words() -> None:
    assert record_name("00" * 32) == "condition-dock"
    assert record_name("ab" * 32) == "flaring-division"


def test_a_word_that_insults_or_speaks_of_violence_gives_way_to_the_next() -> None:
    assert record_name("06" * 32) == "frill-blurred"  # frightful-…
    browser = (ROOT / "web/console/src/records/names.ts").read_text("utf-8")
    assert browser.split("`")[3].split() == STEMS.split()
