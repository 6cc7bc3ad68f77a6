"""Who may receive it, in the long form: what a mechanism offers and announces, asks, and gets."""

from pathlib import Path
from typing import Any

import pytest

from tests.http.test_write import CONSENT, Writing, opened, parts
from tests.own import publish_profile
from tests.service import PURPOSE, Service, form_fields, on_every_database_in_time

OWN: list[Any] = [
    {"id": "case", "type": "line", "label": {"be": "Нумар справы", "ru": "Номер дела", "en": "Case"}},
    {
        "id": "heard",
        "type": "date",
        "label": {"be": "Калі чулі?", "ru": "Когда слышали?", "en": "Heard when?"},
    },
]
ANNOUNCED: dict[str, Any] = {
    "mandate": {"en": "Examines.", "be": "Правярае злачынствы."},
    "note": {"en": "A note.", "be": "Заўвага арганізацыі."},
    "hold": {"en": "Kept by law.", "be": "Захоўваецца паводле закона."},
    "purposes": (PURPOSE, "archive"),
    "conditions": ("no_death_penalty", "not_to_states", "ask_first"),
    "contact": True,
    "questions": OWN,
}


@on_every_database_in_time
def test_all_that_was_chosen_is_sealed_for_the_mechanism(service: Service, tmp_path: Path) -> None:
    publish_profile(service, service.mechanism, **ANNOUNCED)
    me = Writing(service)
    me.tell()
    page = me.post("consent").text
    for words in (
        "Правярае злачынствы.",
        "Заўвага арганізацыі.",
        "Захоўваецца паводле закона.",
        "Нумар справы",
    ):
        assert page.index(words) and words in page
    assert page.index("Захоўваецца паводле закона.") < page.index('id="mechanism-demo"')
    assert 'value="sanctions"' not in page
    said: dict[str, Any] = {
        "identity__demo": "yes",
        "use__demo": "mechanism",
        "contact__demo": "here",
        "condition__demo": ["not_to_states", "ask_first"],
        "states__demo": "Расія, by; Польшча",
        "until__demo": "5",
        "successor__demo": "yes",
        "own__demo__case": "17/20",
        "own__demo__heard__year": "2021",
        "own__demo__heard__about": "about",
    }
    me.allow(**said)
    assert 'value="17/20"' in me.post("consent").text
    review = me.post("review").text
    assert "Расія, Беларусь, Польшча" in review
    assert me.send().status_code == 200
    (record,) = opened(service, tmp_path)
    (choice,) = parts(record, "consent")
    assert choice["answers"] == {"case": "17/20", "heard": "2021~"}
    assert (choice["contact"], choice["identity"], choice["successor"]) == ("here", "mechanism", True)
    assert (choice["conditions"], choice["states"]) == (["not_to_states", "ask_first"], ["RU", "BY", "PL"])
    assert choice["classes"] == ["account", "triage", "identity"] and choice["expires"]
    assert choice["profile"]["version"] == 1 and choice["text"]["language"] == "be"


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose__demo": "sanctions"},
        {"condition__demo": "not_to_states"},
        {"condition__demo": "not_to_states", "states__demo": "Нарнія"},
        {"own__demo__heard__month": "8"},
        {"own__demo__case": "x" * 501},
        {"until__demo": "99"},
        {"contact__demo": "by post"},
        {"identity__demo": "yes", "use__demo": "anything"},
        {"mechanism": ["demo", "other"]},
    ],
    ids=str,
)
def test_what_is_not_offered_or_not_understood_is_told_and_shown_again(
    service: Service, wrong: dict[str, Any]
) -> None:
    publish_profile(service, service.mechanism, **ANNOUNCED)
    me = Writing(service)
    refused = me.post("consent", "save", **(CONSENT | {"successor__demo": "yes"} | wrong))
    assert refused.status_code == 422 and 'role="alert"' in refused.text
    assert 'name="successor:demo" value="yes" checked' in refused.text
    assert " checked" not in me.post("consent").text


def test_a_newer_profile_is_read_before_anything_is_sent(service: Service) -> None:
    publish_profile(service, service.mechanism, **ANNOUNCED)
    me = Writing(service)
    me.tell()
    me.allow()
    publish_profile(service, service.mechanism, version=2, **(ANNOUNCED | {"hold": None}))
    assert me.send().status_code == 422
    page = me.post("review").text
    assert 'role="alert"' in page and 'value="send"' not in page
    me.allow()
    assert me.send().status_code == 200


def test_the_short_form_offers_the_same_but_who_somebody_is(service: Service, tmp_path: Path) -> None:
    publish_profile(service, service.mechanism, **ANNOUNCED)
    me = Writing(service)
    fields = form_fields(me.receipt)
    fields += [("condition:demo", "ask_first"), ("contact:demo", "here"), ("own:demo:case", "17/20")]
    assert service.send_form(fields).status_code == 200
    (record,) = opened(service, tmp_path)
    (choice,) = parts(record, "consent")
    assert (choice["conditions"], choice["contact"], choice["answers"]) == (
        ["ask_first"],
        "here",
        {"case": "17/20"},
    )
    assert (choice["identity"], choice["classes"]) == ("closed", ["account", "triage"])
