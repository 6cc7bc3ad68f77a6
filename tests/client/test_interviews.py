"""Many interviews at once: every source is read whole, and everything that is wrong is said at once."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from crypto.encoding import canonical_json, parse_json
from crypto.errors import VerifyError
from crypto.statement import PURPOSES
from intake.client import interviews, mechanism_keys, tables
from intake.client.document import FolderError, Given
from intake.client.interviews import Interview
from intake.client.sealing import check_choices, read_mechanisms, today
from intake.record.consent import Choice
from intake.record.sections import DECLINED, UNKNOWN
from intake.record.vocabulary import LANGUAGES, vocabulary
from tests.service import Mechanism, copy_tree

GIVEN = Given()
CONSENT = [{"mechanism": "demo", "purposes": ["archive"], "classes": ["account", "triage", "identity"]}]
GOOD: dict[str, Any] = {
    "id": "17", "narrative": "Мяне затрымалі.", "language": "be", "capacity": "victim", "consent": CONSENT,
}  # fmt: skip
# Right to left, combining, beyond the BMP, controls, line ends of all kinds.
HARD = "‮שלום‬ e\u0301 ў \U0001f54a️ \0\x1b[2J\t\x7f\r\n\u2028\ufeff«“"


def lines(path: Path, *documents: Any, ending: str = "\n", start: bytes = b"") -> Path:
    texts = [d if isinstance(d, str) else json.dumps(d, ensure_ascii=False) for d in documents]
    path.write_bytes(start + ending.join(texts).encode() + ending.encode())
    return path


def problems(path: Path, given: Given = GIVEN) -> list[str]:
    with pytest.raises(FolderError) as raised:
        interviews.read(path, given)
    return [str(problem).replace(str(path), path.name) for problem in raised.value.problems]


def one(path: Path) -> Interview:
    (found,) = interviews.read(path, GIVEN)
    return found


def test_documenter_writes_json_lines_with_files_beside_them(tmp_path: Path) -> None:
    (tmp_path / "17").mkdir()
    for name in ("17/a.jpg", "17/consent.pdf", "17/voice.ogg", "told.txt"):
        (tmp_path / name).write_bytes(b"OggS" if name.endswith("ogg") else b"x")
    document = GOOD | {
        "narrative": HARD,
        "sections": {"person": {"name": DECLINED}, "events": [{"date": "2020-08-09~"}]},
        "media": {"17/a.jpg": {"depicts": "letter"}, "17/voice.ogg": {}},
        "consent_scan": "17/consent.pdf",
    }
    file = {k: v for k, v in GOOD.items() if k != "narrative"} | {"id": "18", "narrative_file": "told.txt"}
    for ending, start in (("\n", b""), ("\r\n", b"\xef\xbb\xbf")):
        path = lines(tmp_path / "all.jsonl", document, "", file, ending=ending, start=start)
        first, second = interviews.read(path, GIVEN)
        told = first.testimony
        assert (first.id, second.id, second.testimony.narrative) == ("17", "18", "x")
        assert told.narrative == HARD and told.sections == document["sections"]
        assert [(m.path.name, m.compartment, m.origin) for m in told.media] == [
            ("a.jpg", "identity", "unsaid"),
            ("voice.ogg", "identity", "unsaid"),
            ("consent.pdf", "identity", "self"),
        ]
        assert told.media[2].label == {"depicts": "consent_form"}
        assert told.consent[0].classes == ("account", "triage", "identity")


def test_documenter_hears_of_everything_that_is_wrong_with_file_line_and_field(tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to("/etc/hostname")
    (tmp_path / "bad.txt").write_bytes(b"\xff")
    found = problems(
        lines(
            tmp_path / "all.jsonl",
            GOOD,
            GOOD | {"id": "2", "capacity": "hero", "language": "Belarusian"},
            '{"id": "3",}',
            GOOD | {"sections": {"events": [{"date": "May"}, {"basis": ["rumour"]}]}},
            "[]",
            GOOD
            | {"id": "6", "media": ["../secret.jpg", "/etc/passwd", "C:\\a.jpg", "none.jpg", "link.jpg"]},
            GOOD | {"id": "7", "narrative": ""},
            GOOD | {"id": 8, "colour": "red"},
            GOOD | {"id": "9", "narrative_file": "bad.txt", "consent": []},
            GOOD | {"id": "10", "narrative": "x" * (8 * 1024 * 1024 + 1)},
            json.dumps(GOOD | {"id": "11", "narrative": "\ud800"}),
        )
    )
    assert [p.partition(": ")[0] for p in found] == [
        f"all.jsonl, line {n}" for n in (2, 2, 3, 4, 4, 4, 5, 6, 6, 6, 6, 6, 7, 8, 8, 9, 9, 9, 10, 11)
    ]
    whole = "\n".join(found)
    for sentence in (
        "line 2: capacity: the capacity is one of",
        "line 2: language: the language is missing",
        "line 3: not JSON",
        "line 4: sections/events/0/date: this is not a date; for example 2020-08-09",
        "line 4: sections/events/1/basis: rumour is not in the list",
        "line 4: id: 17 is used twice: see all.jsonl, line 1",
        "line 5: is not an object",
        "line 6: media: ../secret.jpg: files are named relative to all.jsonl",
        "line 6: media: /etc/passwd: files are named relative",
        "line 6: media: C:\\a.jpg: files are named relative",
        "line 6: media: none.jpg is not there",
        "line 6: media: link.jpg is a link",
        "line 7: narrative: there is neither a narrative nor a photo",
        "line 8: holds capacity, consent, consent_scan, id,",
        "line 8: id: is a text",
        "line 9: narrative_file: narrative and narrative_file do not go together",
        "line 9: consent: nobody is named",
        "line 10: narrative: is longer than 8 MiB",
        "line 11: narrative: a text is not Unicode",
    ):
        assert sentence in whole, sentence


def table(
    path: Path, rows: list[list[str]], *, delimiter: str = ",", bom: bool = False, end: str = "\n"
) -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode())
    return path


def test_documenter_writes_a_table_as_office_programs_save_it(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "consent.pdf"):
        (tmp_path / name).write_bytes(b"x")
    header = [
        "id", "narrative", "language", "capacity", "facility", "date", "violations", "name", "birth",
        "detention.people", "detention.family_told", "person.occupation", "media", "origin",
        "consent_scan", "mechanisms", "expires",
    ]  # fmt: skip
    told = 'Першы; радок,\r\n"другі"\n\n  трэці'
    row = [
        "17", told, "be", "victim", "?", "2020-08-09~", "torture;beating_in_street", "-", "1990", "24", "no", " ",
        "a.jpg; b.jpg", "self", "consent.pdf", "demo:un_fact_finding+archive:triage+identity;other:archive",
        "2036-01-01",
    ]  # fmt: skip
    codes = list(vocabulary("violations").codes[:2])
    row[6] = ";".join(codes)
    for delimiter, bom, end in ((",", False, "\n"), (";", True, "\r\n")):
        path = table(
            tmp_path / "all.csv", [header, row, [""] * len(row)], delimiter=delimiter, bom=bom, end=end
        )
        found = one(path)
        assert found.id == "17" and found.where.endswith("line 2") and found.testimony.narrative == told
        assert found.testimony.sections == {
            "detention": [{"facility": UNKNOWN, "people": 24, "family_told": False}],
            "events": [{"date": "2020-08-09~"}],
            "acts": [{"violations": codes}],
            "person": {"name": DECLINED, "birth": "1990"},
        }
        assert [(m.path.name, m.origin) for m in found.testimony.media] == [
            ("a.jpg", "self"), ("b.jpg", "self"), ("consent.pdf", "self"),
        ]  # fmt: skip
        demo, other = found.testimony.consent
        assert demo.purposes == ("un_fact_finding", "archive") and demo.expires == "2036-01-01"
        assert demo.classes == ("account", "triage", "identity") and other.classes == ("account",)


def test_documenter_hears_what_is_wrong_with_a_table_by_line_and_column(tmp_path: Path) -> None:
    header = ["id", "narrative", "language", "capacity", "date", "detention.people", "mechanisms"]
    good = ["1", "two\nlines", "be", "victim", "2020", "3", "demo:archive"]
    path = table(
        tmp_path / "all.csv",
        [
            header,
            good,
            ["2", "x", "be", "victim", "9.8.2020", "many", "demo"],
            ["1", "x", "be", "victim", "", "", "demo:fun"],
            ["4", "x"],
        ],
    )
    assert problems(path) == [
        "all.csv, line 4: detention.people: is a number",
        "all.csv, line 4: mechanisms: demo is not MECHANISM:PURPOSE+PURPOSE or …:CLASS+CLASS",
        "all.csv, line 4: sections/events/0/date: this is not a date; for example 2020-08-09, 2020-08, 2020-08~,"
        " 2020-08-XX, 2020-08-09/2020-08-12 or ../2020-08",
        "all.csv, line 4: consent/0: a consent needs at least one purpose and one compartment",
        "all.csv, line 5: consent/0: a consent needs mechanism and purposes: expected one of: "
        + ", ".join(PURPOSES),
        "all.csv, line 5: id: 1 is used twice: see all.csv, line 2",
        "all.csv, line 6: has 2 cells, and the first line 7",
    ]


def test_documenter_is_told_of_columns_that_do_not_exist_and_of_files_that_are_no_table(
    tmp_path: Path,
) -> None:
    path = table(tmp_path / "all.csv", [["id", "Narrative", "date", "events.date"], ["1", "x", "", ""]])
    assert problems(path)[:2] == [
        "all.csv, line 1: Narrative: there is no such column: see `intake submit --template csv`",
        "all.csv, line 1: events.date: is there twice",
    ]
    path.write_bytes("id;narrative\n1;Прывітанне".encode("utf-16"))
    assert "is not UTF-8 text" in problems(path)[0]
    path.write_bytes(b'id,narrative\n1,"open')
    assert "is not a table" in problems(path)[0]
    path.write_bytes(b"")
    assert "the first line names the columns" in problems(path)[0]
    assert "neither a folder nor a file that ends in .jsonl" in problems(tmp_path / "all.xlsx")[0]


def test_the_templates_are_what_they_explain(tmp_path: Path) -> None:
    (tmp_path / "2026-017").mkdir()
    for name in ("scar.jpg", "cell.jpg", "consent.pdf"):
        (tmp_path / "2026-017" / name).write_bytes(b"x")
    (tmp_path / "a.csv").write_text(tables.template(), "utf-8", newline="")
    (tmp_path / "a.jsonl").write_text(interviews.template(), "utf-8", newline="")
    for found in (one(tmp_path / "a.csv"), one(tmp_path / "a.jsonl")):
        assert found.id == "2026-017" and found.testimony.consent[0].mechanism == "demo"


def test_terms_of_many_interviews_are_not_lost_to_what_is_said_for_all(tmp_path: Path) -> None:
    terms = CONSENT[0] | {"conditions": ["not_to_states"], "states": ["RU"]}
    to = Given(consent=(Choice("demo", ("archive",)),))
    (kept,) = interviews.read(lines(tmp_path / "a.jsonl", GOOD | {"consent": [terms]}), to)
    assert kept.testimony.consent[0].states == ("RU",)
    other = Given(language="ru", consent=(Choice("other", ("archive",)),))
    assert problems(tmp_path / "a.jsonl", other) == [
        "a.jsonl, line 1: language: here it is be, and --language says ru: keep one of them",
        "a.jsonl, line 1: consent/demo: --to does not name it: name it there too, or leave --to out",
        "a.jsonl, line 1: consent: --to names other, and there is no consent for it here: add one",
    ]
    (tmp_path / "a.csv").write_text("narrative,language,capacity,expires\nx,be,victim,2036-12-31\n", "utf-8")
    assert problems(tmp_path / "a.csv", to) == [
        "a.csv, line 2: expires: says when consents end, and `mechanisms` names none: name them"
    ]


def test_documenter_gives_a_folder_of_folders_and_hears_of_each(tmp_path: Path) -> None:
    for name in ("anna", "ihar"):
        (tmp_path / "all" / name).mkdir(parents=True)
        (tmp_path / "all" / name / "narrative.txt").write_text("x")
    (tmp_path / "all" / ".cache").mkdir()
    given = Given(language="be", capacity="victim", consent=(Choice("demo", ("archive",)),))
    assert [found.id for found in interviews.read(tmp_path / "all", given)] == ["anna", "ihar"]
    assert [found.id for found in interviews.read(tmp_path / "all" / "anna", given)] == ["anna"]
    (tmp_path / "all" / "ihar" / "narrative.txt").unlink()
    assert len(problems(tmp_path / "all", given)) == 1
    assert len(problems(tmp_path / "all")) == 7
    (tmp_path / "none").mkdir()
    assert "neither narrative.txt nor a photo" in problems(tmp_path / "none", given)[0]


def test_what_a_later_version_knows_passes_only_if_the_document_says_so(tmp_path: Path) -> None:
    later = {
        "sections": {"events": [{"weather": {"rain": True}, "type": "flood"}], "dreams": {"text": "x"}},
        "mood": "sad",
    }
    assert len(problems(lines(tmp_path / "a.jsonl", GOOD | later))) == 3
    found = one(lines(tmp_path / "a.jsonl", GOOD | later | {"schema": 2}))
    assert found.testimony.sections == later["sections"]
    broken = {"schema": 2, "sections": {"dreams": 5, "events": [{"weather": 1.5}]}}
    assert len(problems(lines(tmp_path / "a.jsonl", GOOD | broken))) == 2


def test_what_a_mechanism_does_not_offer_is_said_before_anything_is_sealed(
    tmp_path: Path, demo: Mechanism
) -> None:
    keys = tmp_path / "keys"
    copy_tree(demo.keys, keys)
    question = {"id": "how", "type": "line", "label": {n: "How?" for n in LANGUAGES}, "required": True}
    narrow = mechanism_keys.profile_template() | {
        "purposes": ["archive"], "compartments": ["account"], "conditions": [], "contact": False,
        "questions": [question], "closes": "2020-01-01",
    }  # fmt: skip
    profile, _ = mechanism_keys.profile(keys, canonical_json(narrow), None)
    answer = {
        "mechanisms": [parse_json((keys / "bundle.json").read_bytes())],
        "profiles": {"demo": parse_json(profile.raw)},
    }
    offered = read_mechanisms(answer, {})

    def said(choice: Choice) -> list[str]:
        return [str(p) for p in check_choices([choice], offered, "en", today(), "x")]

    closed = "x: consent/demo: takes nothing new since 2020-01-01"
    assert said(Choice("demo", ("archive",), answers={"how": "by radio"})) == [closed]
    assert said(Choice("demo", ("archive",))) == [closed, "x: consent/demo/answers/how: required"]
    for wrong in (
        Choice("demo", ("sanctions",), answers={"how": "x"}),
        Choice("demo", ("archive",), ("account", "identity"), answers={"how": "x"}),
        Choice("demo", ("archive",), contact="here", answers={"how": "x"}),
        Choice("demo", ("archive",), conditions=("ask_first",), answers={"how": "x"}),
    ):
        assert len(said(wrong)) == 2 and "demo does not offer" in said(wrong)[1]
    assert "does not know the mechanism other" in said(Choice("other", ("archive",)))[0]

    forger = tmp_path / "forger"
    mechanism_keys.create(forger, "demo", {"en": "x"}, 9, None)
    forged, _ = mechanism_keys.profile(forger, canonical_json(narrow), None)
    with pytest.raises(VerifyError):
        read_mechanisms(answer | {"profiles": {"demo": parse_json(forged.raw)}}, {})
    with pytest.raises(VerifyError, match="do not send anything"):
        read_mechanisms(answer, {"demo": "00" * 32})
