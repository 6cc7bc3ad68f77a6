"""In which language a text is: that of the page, unless the person says another one."""

from pathlib import Path
from typing import Any

import pytest

from intake.errors import Invalid
from intake.http import reading
from tests.http.test_write import Writing, opened, parts
from tests.service import Service, form_fields, new_receipt


def told(service: Service, tmp_path: Path) -> tuple[str, str, str]:
    """What the mechanism reads: the language of the text, of the card, and of the consent that was shown."""
    (record,) = opened(service, tmp_path)
    (narrative,), (card,), (consent,) = (parts(record, kind) for kind in ("narrative", "triage", "consent"))
    return narrative["language"], card["language"], consent["text"]["language"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], "be"),
        ([("written-in", "pl")], "pl"),
        ([("written-in", "other"), ("written-in:code", " KA ")], "ka"),
        ([("written-in", "lt"), ("written-in:code", "ka")], "lt"),
    ],
    ids=["page", "list", "code", "both"],
)
def test_witness_says_in_which_language_the_text_of_the_form_is(
    service: Service, tmp_path: Path, fields: list[Any], expected: str
) -> None:
    answer = service.send_form(form_fields(new_receipt(), narrative="Tekst") + fields)
    assert answer.status_code == 200, answer.text
    assert told(service, tmp_path) == (expected, expected, "be")


@pytest.mark.parametrize("code", ["", "polish", "p", "пл", "pl;", "pl-" + "x" * 9])
def test_a_code_that_is_none_is_refused_and_what_was_typed_is_still_there(
    service: Service, code: str
) -> None:
    fields = [("written-in", "other"), ("written-in:code", code)]
    answer = service.send_form(form_fields(new_receipt(), narrative="Тэкст") + fields, "en")
    assert answer.status_code == 422 and "is not named by a code that can be kept" in answer.text
    assert "Тэкст" in answer.text and f'value="{code}"' in answer.text
    assert '<option value="other" selected>' in answer.text
    assert list(service.installation.store.names()) == []


def test_witness_says_it_step_by_step_and_a_correction_keeps_it_or_changes_it(
    service: Service, tmp_path: Path
) -> None:
    me = Writing(service)
    assert '<option value="be" selected>' in me.post("narrative").text
    answer = me.post("narrative", "save", narrative="Tekst", capacity="victim", **{"written-in": "other"})
    assert answer.status_code == 422 and "Tekst" in answer.text
    me.save("narrative", narrative="Tekst", capacity="victim", **{"written-in": "pl"})
    assert '<option value="pl" selected>' in me.post("narrative").text
    me.allow()
    assert me.send().status_code == 200
    assert told(service, tmp_path) == ("pl", "pl", "be")

    (part,) = [p for p, fields in part_ids(service, tmp_path).items() if fields["kind"] == "narrative"]
    again = Writing(service, me.receipt, language="ru")
    assert '<option value="pl" selected>' in again.post(f"narrative:{part}").text
    again.save(f"narrative:{part}", narrative="ტექსტი", **{"written-in": "other", "written-in__code": "ka"})
    page = again.post(f"narrative:{part}").text
    assert '<option value="other" selected>' in page and 'value="ka"' in page
    assert again.send(base=1).status_code == 200
    (record,) = opened(service, tmp_path, name="2")
    assert [fields["language"] for fields in parts(record, "narrative")] == ["pl", "ka"]
    assert [fields["language"] for fields in parts(record, "triage")][-1] == "ka"


def part_ids(service: Service, tmp_path: Path) -> dict[str, Any]:
    (record,) = opened(service, tmp_path, name="ids")
    found: dict[str, Any] = record["parts"]
    return found


def test_what_the_form_never_offers_is_no_language() -> None:
    assert reading.written_in({"written-in": ["de"]}, "be") == "de"
    assert reading.written_in({"written-in": ["other"], "written-in:code": ["SR_Latn"]}, "be") == "sr-Latn"
    with pytest.raises(Invalid) as refused:
        reading.written_in({"written-in": ["xx"]}, "be")
    assert refused.value.code == "malformed"
    for code in ("be", "ka"):
        assert reading.written_in(reading.typed_written_in(code), "ru") == code
