"""A record is spoken of by two words, the same in Python and in the browser (`web/test/records.test.ts`)."""

from intake.record.names import record_name


def test_a_record_has_a_name_of_two_words() -> None:
    assert record_name("00" * 32) == "condition-dock"
    assert record_name("ab" * 32) == "flaring-division"
