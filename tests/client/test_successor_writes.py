"""A successor's people write, and the person's own program believes them if it can know whose key it is."""

from pathlib import Path
from typing import Any

import pytest

from crypto.encoding import parse_json
from crypto.receipt import Receipt
from intake.client import api
from intake.client.members import MemberKey
from tests.casework import bundle_of, case, make_member, own_case, register_member
from tests.client.test_handover import give
from tests.client.test_own import run
from tests.http.test_handover import appoint, heir
from tests.http.test_returning import visit
from tests.own import Person, allow, publish_profile
from tests.service import Mechanism, Service, make_mechanism, new_receipt

__all__ = ["heir"]
ASKED = "Ці можна задаць пытанне?"


@pytest.fixture
def receipt(service: Service, heir: Mechanism, tmp_path: Path) -> Receipt:
    """Of a person whose record was handed over to `heir`, whose people have written."""
    appoint(service, heir)
    made = new_receipt()
    person = Person(service, made.keys())
    person.send("Тэкст", choices=[allow("demo", "identity", successor=True)])
    service.pull(tmp_path / "out")
    give(service, tmp_path / "out", heir)
    service.pull(tmp_path / "theirs", heir)
    with case(service, tmp_path / "theirs" / "records" / person.record, heir) as theirs:
        theirs.reply(anna(service, heir, tmp_path), ASKED, "be")
    return made


def anna(service: Service, heir: Mechanism, tmp_path: Path) -> MemberKey:
    member = make_member(tmp_path, heir, "anna")
    register_member(service, member)
    return member


def vouch(service: Service, version: int, root: str, **more: str) -> None:
    """`demo` signs whose root its successor's is, as people read it."""
    spaced = " ".join(root[n : n + 4].upper() for n in range(0, 64, 4))
    note = {"en": "Our work is continued.", "be": f"Нашу працу працягвае heir: {spaced}."}
    publish_profile(service, service.mechanism, version, note=note, **({"continued_by": "heir"} | more))


def test_what_a_successor_writes_is_shown_once_the_mechanism_that_was_named_has_signed_which_root_is_its(
    service: Service, heir: Mechanism, receipt: Receipt, tmp_path: Path
) -> None:
    root = bundle_of(heir).root_fingerprint
    with own_case(service, receipt) as own:
        found = own.read()
        assert (found.messages, found.hidden, found.unproved) == ([], 1, {"heir": root})
    with own_case(service, receipt, heir=root) as own:
        assert [one.text for one in own.read().messages] == [ASKED]

    vouch(service, 2, "ab" * 32)  # another root
    vouch(service, 3, root, continued_by="another")  # another body
    with own_case(service, receipt) as own:
        assert own.read().messages == []
    vouch(service, 4, root)
    with own_case(service, receipt) as own:
        found = own.read()
        assert (found.hidden, found.unproved) == (0, {})
        (asked,) = found.messages
        assert (asked.mechanism, asked.text) == ("heir", ASKED)
        own.send("heir", "Можна.", "be", asked.part)
        record = own.reader.statement.record
    with case(service, tmp_path / "theirs" / "records" / record, heir) as theirs:
        assert [one.text for one in theirs.read().messages] == [ASKED, "Можна."]


def test_a_successor_with_another_root_than_the_signed_one_is_not_believed(
    service: Service, heir: Mechanism, receipt: Receipt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouch(service, 2, bundle_of(heir).root_fingerprint)
    fake = make_mechanism(tmp_path / "fake", "heir")
    whole = api.Api.get

    def get(self: api.Api, path: str, **options: Any) -> Any:
        """A service that shows a bundle of its own making."""
        answer = whole(self, path, **options)
        if path == "/v1/mailbox/messages":
            kept = [raw for raw in answer["mechanisms"] if raw["mechanism"] != "heir"]
            answer["mechanisms"] = [*kept, parse_json((fake.keys / "bundle.json").read_bytes())]
        return answer

    monkeypatch.setattr(api.Api, "get", get)
    with own_case(service, receipt) as own:
        found = own.read()
        assert (found.messages, found.unproved) == ([], {"heir": bundle_of(fake).root_fingerprint})


def test_the_program_says_plainly_why_a_successors_messages_are_not_shown(
    service: Service, heir: Mechanism, receipt: Receipt
) -> None:
    said, root = run(service, receipt, "message"), bundle_of(heir).root_fingerprint
    assert ASKED not in said and "in the name of heir" in said and root in said.replace(" ", "")
    assert "waits for your answer, handed over by demo, whose mandate it continues" in said
    assert ASKED in run(service, receipt, "message", "--root", f"heir={root}")


def test_the_list_of_accesses_says_who_handed_it_over_to_whom(service: Service, receipt: Receipt) -> None:
    said = run(service, receipt, "mine")
    assert "handed over by demo to heir, which continues its mandate" in said
    assert "was given to heir, handed over by demo, whose mandate it continues" in said


def test_a_message_to_nobody_who_has_the_record_is_refused(service: Service, receipt: Receipt) -> None:
    with own_case(service, receipt) as own, pytest.raises(ValueError, match="nothing of this record"):
        own.send("nobody", "?", "be")


def test_a_person_without_a_program_reads_a_successor_and_answers_it(
    service: Service, heir: Mechanism, receipt: Receipt, tmp_path: Path
) -> None:
    assert ASKED in visit(service, receipt, at="messages", confirm="yes")
    visit(service, receipt, at="messages", go="send", to="heir", text="Можна.", confirm="yes")
    (record,) = (tmp_path / "theirs" / "records").iterdir()
    with case(service, record, heir) as theirs:
        assert [one.text for one in theirs.read().messages] == [ASKED, "Можна."]
