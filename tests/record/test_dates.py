"""Dates of testimonies: every form, its bounds, its words, and what is refused."""

import contextlib
from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.record.dates import Date, DateError, between, from_words

FORMS = [
    # text, earliest, latest, month
    ("2020", "2020-01-01", "2020-12-31", None),
    ("2020~", "2020-01-01", "2020-12-31", None),
    ("2020?", "2020-01-01", "2020-12-31", None),
    ("2020%", "2020-01-01", "2020-12-31", None),
    ("2020-08", "2020-08-01", "2020-08-31", "2020-08"),
    ("2020-08~", "2020-08-01", "2020-08-31", "2020-08"),
    ("2020-08?", "2020-08-01", "2020-08-31", "2020-08"),
    ("2020-08%", "2020-08-01", "2020-08-31", "2020-08"),
    ("2020-08-09", "2020-08-09", "2020-08-09", "2020-08"),
    ("2020-08-09~", "2020-08-09", "2020-08-09", "2020-08"),
    ("2020-08-09?", "2020-08-09", "2020-08-09", "2020-08"),
    ("2020-08-09%", "2020-08-09", "2020-08-09", "2020-08"),
    ("2020-02-29", "2020-02-29", "2020-02-29", "2020-02"),
    ("2021-02", "2021-02-01", "2021-02-28", "2021-02"),
    ("1900", "1900-01-01", "1900-12-31", None),
    ("2100-12-31", "2100-12-31", "2100-12-31", "2100-12"),
    ("202X", "2020-01-01", "2029-12-31", None),
    ("190X", "1900-01-01", "1909-12-31", None),
    ("2020-XX", "2020-01-01", "2020-12-31", None),
    ("2020-XX-XX", "2020-01-01", "2020-12-31", None),
    ("2020-08-XX", "2020-08-01", "2020-08-31", "2020-08"),
    ("2020-08-09/2020-08-12", "2020-08-09", "2020-08-12", "2020-08"),
    ("2020-08-09~/2020-09", "2020-08-09", "2020-09-30", None),
    ("2020-08-20/2020-08", "2020-08-20", "2020-08-31", "2020-08"),
    ("2020-08-XX/202X", "2020-08-01", "2029-12-31", None),
    ("2020/2020", "2020-01-01", "2020-12-31", None),
    ("../2020-08", None, "2020-08-31", None),
    ("../2020-08-09?", None, "2020-08-09", None),
    ("2020-08-09/..", "2020-08-09", None, None),
    ("2020-XX/..", "2020-01-01", None, None),
]
REFUSED = [
    "", " ", "2020 ", " 2020", "2020\n", "20", "20200809", "2020-8", "2020-8-9", "09.08.2020", "2020-13", "2020-00",
    "2020-08-32", "2020-08-00", "2021-02-29", "2020-04-31", "1899", "2101", "210X", "189X", "20XX", "2XXX", "XXXX",
    "202X-08", "202X-XX", "2020-XX-09", "2020-X", "2020-0X", "2020-08-0X", "2020-08-XX~", "202X?", "2020-XX%",
    "2020~~", "~2020", "2020-08~-09", "2020?~", "2020-08-09T12:00", "2020-08-09Z", "2020-22", "2020/", "/2020", "/",
    "../..", "..", "2020/2021/2022", "2021/2020", "2020-09/2020-08-31", "2020-08-10/2020-08-09", "2020-08-09 / 2020-08-12",
    "[2020]", "{2020,2021}", "-2020", "Y20200", "2020-08-09\u0660", "٢٠٢٠", "2020–08", "жнівень 2020", None, 2020, ["2020"],
]  # fmt: skip

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def _last(day: date) -> int:
    return monthrange(day.year, day.month)[1]


@st.composite
def singles(draw: st.DrawFn) -> tuple[str, str, str]:
    """(text, earliest, latest) of one date, built from the calendar and not from the parser."""
    day = draw(days)
    year, month = f"{day:%Y}", f"{day:%Y-%m}"
    mark = draw(st.sampled_from(["", "~", "?", "%"]))
    whole_year = (f"{year}-01-01", f"{year}-12-31")
    whole_month = (f"{month}-01", f"{month}-{_last(day)}")
    forms = [
        (year + mark, *whole_year),
        (month + mark, *whole_month),
        (f"{day}{mark}", str(day), str(day)),
        (f"{year}-XX", *whole_year),
        (f"{year}-XX-XX", *whole_year),
        (f"{month}-XX", *whole_month),
    ]
    if day.year < 2100:
        forms.append((f"{year[:3]}X", f"{year[:3]}0-01-01", f"{year[:3]}9-12-31"))
    return draw(st.sampled_from(forms))


@pytest.mark.parametrize(("text", "earliest", "latest", "month"), FORMS)
def test_a_date_of_each_form_is_read_written_back_and_bounded(
    text: str, earliest: str | None, latest: str | None, month: str | None
) -> None:
    found = Date.parse(text)
    assert str(found) == text and Date.parse(str(found)) == found
    assert (found.earliest, found.latest, found.month) == (earliest, latest, month)


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(DateError, match="for example 2020-08-09"):
        Date.parse(text)


@given(singles())
def test_every_single_date_comes_back_with_the_bounds_of_the_calendar(single: tuple[str, str, str]) -> None:
    text, earliest, latest = single
    found = Date.parse(text)
    assert (str(found), found.earliest, found.latest) == single
    month = earliest[:7] if earliest[:7] == latest[:7] else None
    assert found.month == month
    for language in ("be", "ru", "en"):
        assert earliest[:3] in found.words(language)


@given(singles(), singles())
def test_an_interval_has_the_outer_bounds_and_is_never_reversed(
    first: tuple[str, str, str], last: tuple[str, str, str]
) -> None:
    text = f"{first[0]}/{last[0]}"
    if first[1] > last[2]:
        with pytest.raises(DateError, match="before the first"):
            Date.parse(text)
        return
    found = Date.parse(text)
    assert (str(found), found.earliest, found.latest) == (text, first[1], last[2])
    assert between(first[0], last[0]) in (text, first[0])
    for language in ("be", "ru", "en"):
        assert found.words(language)


@given(singles())
def test_an_open_interval_has_one_bound(single: tuple[str, str, str]) -> None:
    text, earliest, latest = single
    until, since = Date.parse(between(None, text)), Date.parse(between(text, None))
    assert (str(until), until.earliest, until.latest) == (f"../{text}", None, latest)
    assert (str(since), since.earliest, since.latest) == (f"{text}/..", earliest, None)
    assert until.month is since.month is None


@given(st.text(max_size=30))
def test_the_parser_reads_a_text_or_refuses_it_and_does_nothing_else(text: str) -> None:
    with contextlib.suppress(DateError):
        assert str(Date.parse(text)) == text


@given(days, st.integers(0, 40))
def test_a_day_that_is_in_no_calendar_is_refused(day: date, number: int) -> None:
    text = f"{day:%Y-%m}-{number:02}"
    if 1 <= number <= _last(day):
        assert Date.parse(text).earliest == text
    else:
        with pytest.raises(DateError):
            Date.parse(text)


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        (("2020", "8", "9", "exact"), "2020-08-09"),
        (("2020", "08", "", "about"), "2020-08~"),
        ((" 2020 ", " ", "", "unsure"), "2020?"),
        (("2020", "", "", ""), "2020"),
        (("202X", "", "", "exact"), "202X"),
        (("", " ", "", "about"), None),
    ],
)
def test_a_person_fills_in_the_boxes_they_know(
    boxes: tuple[str, str, str, str], expected: str | None
) -> None:
    assert from_words(*boxes) == expected


@pytest.mark.parametrize(
    "boxes",
    [
        ("", "8", "", "exact"), ("", "", "9", "exact"), ("2020", "", "9", "exact"), ("2021", "2", "29", "exact"),
        ("2020", "13", "", "exact"), ("2020", "August", "", "exact"), ("20", "", "", "exact"), ("2020", "8", "9", "maybe"),
        ("2020-08", "", "", "exact"), ("2020", "-8", "", "exact"), ("2020/..", "", "", "exact"), ("2020", "XX", "", "exact"),
    ],
)  # fmt: skip
def test_boxes_that_are_no_date_are_refused(boxes: tuple[str, str, str, str]) -> None:
    with pytest.raises(DateError):
        from_words(*boxes)


def test_two_dates_become_an_interval() -> None:
    assert between("2020-08-09", "2020-08-12") == "2020-08-09/2020-08-12"
    assert between("2020-08", "2020-08") == "2020-08"
    for first, last in (
        (None, None),
        ("2021", "2020"),
        ("", ""),
        ("2020/2021", "2022"),
        ("", "2020"),
        ("..", "2020"),
    ):
        with pytest.raises(DateError):
            between(first, last)


@pytest.mark.parametrize(
    ("text", "be", "ru", "en"),
    [
        ("2020", "2020 год", "2020 год", "2020"),
        ("2020-08~", "прыкладна жнівень 2020 года", "примерно август 2020 года", "about August 2020"),
        ("2020-08-09", "9 жніўня 2020 года", "9 августа 2020 года", "9 August 2020"),
        ("2020-08-09?", "9 жніўня 2020 года (дакладна невядома)", "9 августа 2020 года (точно неизвестно)", "9 August 2020 (not certain)"),
        ("2021%", "прыкладна 2021 год (дакладна невядома)", "примерно 2021 год (точно неизвестно)", "about 2021 (not certain)"),
        ("202X", "2020-я гады", "2020-е годы", "the 2020s"),
        ("2020-XX", "нейкі месяц 2020 года", "какой-то месяц 2020 года", "a month in 2020"),
        ("2020-XX-XX", "нейкі дзень 2020 года", "какой-то день 2020 года", "a day in 2020"),
        ("2020-08-XX", "нейкі дзень жніўня 2020 года", "какой-то день августа 2020 года", "a day in August 2020"),
        ("2020-08-09/2020-08-12", "з 9 да 12 жніўня 2020 года", "с 9 до 12 августа 2020 года", "between 9 and 12 August 2020"),
        ("2020-08-02/2020-09-05", "з 2 жніўня 2020 года да 5 верасня 2020 года", "со 2 августа 2020 года до 5 сентября 2020 года", "between 2 August 2020 and 5 September 2020"),
        ("2020-08~/2021", "прыкладна са жніўня 2020 года да 2021 года", "примерно с августа 2020 года до 2021 года", "between about August 2020 and 2021"),
        ("../2020-11", "да лістапада 2020 года", "до ноября 2020 года", "until November 2020"),
        ("2020-01/..", "пачынаючы са студзеня 2020 года", "начиная с января 2020 года", "from January 2020 on"),
    ],
)  # fmt: skip
def test_a_person_reads_a_date_in_their_language(text: str, be: str, ru: str, en: str) -> None:
    found = Date.parse(text)
    assert [found.words(language) for language in ("be", "ru", "en")] == [be, ru, en]


def test_a_language_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Date.parse("2020").words("pl")


def test_bounds_sort_as_days_do() -> None:
    day = date(2020, 8, 9)
    texts = [str(day + timedelta(days=n)) for n in range(0, 400, 7)]
    assert sorted(texts, key=lambda text: Date.parse(text).earliest or "") == texts
