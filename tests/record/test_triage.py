"""The triage card: codes and counts, and never a word that somebody typed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from intake.record import triage
from intake.record.sections import DECLINED, UNKNOWN
from intake.record.vocabulary import vocabulary

SECRET = "Alesia Kavalenka"


def card(**sections: Any) -> dict[str, Any]:
    return triage.card(language="be", capacity="victim", media=2, sections=sections)


def test_a_testimony_without_answers_has_a_short_card() -> None:
    assert card() == {"language": "be", "capacity": "victim", "media": 2}
    unsaid = {
        "events": [{"date": UNKNOWN}],
        "detention": [{"facility": DECLINED}],
        "acts": [{"violations": UNKNOWN}],
        "gates": {"insider": DECLINED},
    }
    assert card(**unsaid) == card()


def test_a_reviewer_sorts_by_month_place_codes_and_gates() -> None:
    assert card(
        events=[{"date": "2021-01"}, {"date": "2020-08-10/2020-08-12"}, {"date": "2019"}, {}],
        detention=[{"facility_words": "a cellar"}, {"facility": "akrestsina_tsip"}, {"facility": "sizo_1"}],
        acts=[{"violations": ["search", "beating"]}, {"violations": ["beating"]}],
        gates={"sexual_violence": False, "under_18": True, "insider": True},
    ) == {
        "language": "be",
        "capacity": "victim",
        "media": 2,
        "month": "2020-08",
        "facility": "akrestsina_tsip",
        "violations": ["beating", "search"],
        "gates": ["under_18", "insider"],
    }


@given(
    st.dictionaries(
        st.sampled_from(["events", "detention", "acts", "gates", "person", SECRET]),
        st.recursive(
            st.just(SECRET) | st.none() | st.booleans() | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["date", "facility", "violations", "insider", "name"]), inner, max_size=4
                )
            ),
            max_leaves=10,
        ),
    )
)
def test_no_name_and_no_text_gets_onto_the_card_whatever_was_answered(sections: dict[str, Any]) -> None:
    found = triage.card(language=SECRET, capacity=SECRET, media=0, sections=sections)
    assert SECRET not in str(found)
    assert set(found) <= {"media", "gates"}


def test_an_unknown_code_stays_off_the_card() -> None:
    assert card(
        acts=[{"violations": ["beating", SECRET, 7, ["beating"]]}], detention=[{"facility": [SECRET]}]
    ) == {
        **card(),
        "violations": ["beating"],
    }
    assert set(vocabulary("violations").codes) >= {"beating"}
