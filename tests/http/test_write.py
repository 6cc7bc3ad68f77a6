"""The long form by HTTP: page after page into a draft, and from the draft to the mechanism."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from crypto.receipt import Receipt
from intake.record import sections
from intake.record.questions import section
from intake.record.questions import sections as all_sections
from intake.record.vocabulary import vocabulary
from tests.service import PURPOSE, Mechanism, Service, digits, new_receipt, on_every_database_in_time

STORY = "Мяне затрымалі ў жніўні.\n\tІх было трое 🕊 \u202bعربي\u202c, e\u0301."
CONSENT = {"mechanism": "demo", "purpose:demo": PURPOSE, "triage:demo": "yes"}
DATE_WORDS = ("year", "month", "day", "about")


@dataclass
class Writing:
    """A person with a receipt, at the long form."""

    service: Service
    receipt: Receipt = field(default_factory=new_receipt)
    language: str = "be"

    def post(self, at: str = "", go: str = "", files: Any = (), **fields: Any) -> httpx.Response:
        """Fill in a page; values may be lists; names use __ for a colon."""
        sent: list[tuple[str, Any]] = [("receipt", (None, digits(self.receipt))), ("at", (None, at))]
        for name, values in fields.items():
            for value in values if isinstance(values, list) else [values]:
                sent.append((name.replace("__", ":"), (None, value)))
        sent += [("media", file) for file in files]
        sent += [("go", (None, go))] if go else []
        return self.service.http.post(f"{self.service.url}/{self.language}/write", files=sent)

    def save(self, at: str, **fields: Any) -> httpx.Response:
        """As `post`, and it must be taken."""
        answer = self.post(at, "save", **fields)
        assert answer.status_code == 200, answer.text
        return answer

    def tell(self, narrative: str = STORY, capacity: str = "victim") -> None:
        self.save("narrative", narrative=narrative, capacity=capacity)

    def allow(self, **more: Any) -> None:
        self.save("consent", **(CONSENT | more))

    def send(self, base: int = 0) -> httpx.Response:
        return self.post("review", "send", base=str(base))

    def kept(self) -> str:
        """The overview."""
        return self.post().text


def opened(
    service: Service, tmp_path: Path, mechanism: Mechanism | None = None, name: str = "1"
) -> list[Any]:
    """What the mechanism's people see after a pull: (kind, values) of each structured part."""
    pulled = tmp_path / f"pulled-{name}"
    service.pull(pulled, mechanism)
    records = service.open(pulled, tmp_path / f"opened-{name}", mechanism)
    assert all(record.problems == {} for record in records)
    found = []
    for record in (tmp_path / f"opened-{name}").iterdir():
        text = (record / "testimony.json").read_text("utf-8")
        found.append(json.loads(text))
    return found


def answer_everything(id: str) -> dict[str, Any]:
    """An answer to each question of a section, as fields of the form."""
    fields: dict[str, Any] = {}
    for n, question in enumerate(section(id).questions):
        name = f"q__{question.id}"
        if n % 5 == 4:
            kind = question.type in ("one", "yes_no", "country", "language")
            fields[name if kind else f"{name}__unsaid"] = "~declined" if n % 2 else "~unknown"
        elif question.type == "date":
            fields |= {
                f"{name}__{box}": v for box, v in zip(DATE_WORDS, ("2020", "8", "", "about"), strict=True)
            }
        elif question.type in ("one", "many"):
            assert question.vocabulary
            codes = vocabulary(question.vocabulary).codes
            fields[name] = codes[0] if question.type == "one" else list(codes[:2])
        else:
            fields[name] = {"yes_no": "yes", "number": "12", "country": "LT", "language": "be"}.get(
                question.type, f"{id} {question.id}: «Так»"
            )
    return fields


def expected(id: str) -> dict[str, Any]:
    """The same as JSON."""
    found: dict[str, Any] = {}
    for n, question in enumerate(section(id).questions):
        codes = list(vocabulary(question.vocabulary).codes) if question.vocabulary else []
        found[question.id] = {
            "date": "2020-08~",
            "one": codes and codes[0],
            "many": codes[:2],
            "yes_no": True,
            "number": 12,
            "country": "LT",
            "language": "be",
        }.get(question.type, f"{id} {question.id}: «Так»")
        if n % 5 == 4:
            found[question.id] = sections.DECLINED if n % 2 else sections.UNKNOWN
    return found


def parts(record: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The fields of all parts of a kind that were opened."""
    return [part["fields"] for part in record["parts"].values() if part["kind"] == kind]


def answered(record: dict[str, Any]) -> dict[str, Any]:
    """Sections by id."""
    return dict(sections.from_fields(fields) for fields in parts(record, "section"))


def fill_everything(me: Writing) -> None:
    for asked in all_sections():
        me.save(
            f"section:{asked.id}:0" if asked.repeated else f"section:{asked.id}",
            **answer_everything(asked.id),
        )


@on_every_database_in_time
def test_witness_answers_everything_and_the_mechanism_reads_it_as_it_was_typed(
    service: Service, tmp_path: Path
) -> None:
    me = Writing(service)
    assert section("gates").title["be"] in me.post().text
    me.tell()
    fill_everything(me)
    me.allow(identity__demo="yes", sensitive__demo="yes", use__demo="court")
    shown = me.post("review").text
    assert "person name: «Так»" in shown and "sensitive interviewer_wishes: «Так»" in shown
    received = me.send()
    assert received.status_code == 200 and "intake/promise/v1" in received.text

    (record,) = opened(service, tmp_path)
    assert [fields["text"] for fields in parts(record, "narrative")] == [STORY]
    found = answered(record)
    assert found.keys() == {s.id for s in all_sections()}
    for asked in all_sections():
        assert found[asked.id] == ([expected(asked.id)] if asked.repeated else expected(asked.id))
    (card,) = parts(record, "triage")
    assert card["month"] == "2020-08" and card["gates"] == ["sexual_violence", "under_18", "insider"]
    (choice,) = parts(record, "consent")
    assert (choice["identity"], choice["classes"]) == (
        "court",
        ["account", "triage", "identity", "sensitive"],
    )
    again = me.send()  # the answer was lost
    assert again.status_code == 200 and "адзін раз" in again.text
    assert len(opened(service, tmp_path, name="again")) == 1


@on_every_database_in_time
def test_mechanism_without_the_tick_cannot_read_who_it_is_nor_what_is_intimate(
    service: Service, tmp_path: Path
) -> None:
    me = Writing(service)
    me.tell()
    fill_everything(me)
    me.allow()
    warned = me.post("review").text
    assert me.send().status_code == 200
    (record,) = opened(service, tmp_path)
    closed = {s.id for s in all_sections() if s.compartment != "account"}
    assert answered(record).keys() == {s.id for s in all_sections()} - closed
    assert warned.count('class="notice"') >= 2  # both are named before sending


def test_witness_comes_back_with_the_receipt_and_finds_all_but_the_page_that_was_open(
    service: Service,
) -> None:
    me = Writing(service)
    me.tell("Першая старонка.")
    me.save("section:events:0", q__place="Мінск", q__date__year="2020")
    again = Writing(service, me.receipt)
    assert "Першая старонка." in again.post("narrative").text
    page = again.post("section:events:0").text
    assert 'value="Мінск"' in page and 'value="2020"' in page
    assert "Мінск" in again.post("section:events").text  # the list of events


def test_pages_follow_one_another_and_the_gates_come_first(service: Service) -> None:
    me = Writing(service)
    assert section("gates").questions[0].label["be"] in me.post().text
    assert 'name="narrative"' in me.post("section:gates", "next", q__under_18="~declined").text
    gates = {"q__sexual_violence": "yes", "q__under_18": "yes", "q__insider": "yes"}
    overview = me.post("section:gates", "next", **gates).text
    assert 'value="section:sensitive"' in overview and overview.count('class="notice"') == 3
    page = me.post("narrative", "next", narrative="Так.", capacity="victim").text
    for asked in all_sections():
        if asked.id != "gates":
            assert f"<h1>{asked.title['be']}</h1>" in page
            page = me.post(f"section:{asked.id}:0" if asked.repeated else f"section:{asked.id}", "next").text
    assert 'type="file"' in page
    assert 'name="mechanism"' in me.post("files", "next").text
    assert 'value="send"' not in me.post("consent", "next").text  # the last page: nobody is chosen yet


def test_repeated_answers_are_added_changed_and_removed(service: Service) -> None:
    me = Writing(service)
    for n, place in enumerate(("Адзін", "Два", "Тры")):
        me.post(f"section:events:{n}", "another", q__place=place)
    me.save("section:events:1", q__place="Другі")
    listed = me.post("section:events").text
    assert all(place in listed for place in ("Адзін", "Другі", "Тры")) and "Два" not in listed
    left = me.post("section:events", "remove:0").text
    assert "Адзін" not in left and "Другі" in left and "Тры" in left
    me.save("section:events:0")  # emptied
    assert "Другі" not in me.post("section:events").text


def test_a_list_has_its_limit_and_what_was_typed_is_shown_again(service: Service) -> None:
    me = Writing(service)
    most = section("injuries").maximum
    for n in range(most):
        me.post(f"section:injuries:{n}", "save", q__description=f"Рана {n}")
    refused = me.post("section:injuries:100", "save", q__description="Яшчэ адна")
    assert refused.status_code == 422 and str(most) in refused.text and "Яшчэ адна" in refused.text
    assert "Яшчэ адна" not in me.post("section:injuries").text


@pytest.mark.parametrize(
    "boxes",
    [
        ("2020", "13", "", "exact"),
        ("2021", "2", "29", "exact"),
        ("", "8", "", "about"),
        ("дзевяностыя", "", "", "about"),
    ],
)
def test_a_wrong_date_is_named_at_its_question_with_an_example(
    service: Service, boxes: tuple[str, ...]
) -> None:
    me = Writing(service)
    fields = {f"q__date__{box}": value for box, value in zip(DATE_WORDS, boxes, strict=True)}
    refused = me.post("section:events:0", "save", q__place="Мінск", **fields)
    assert refused.status_code == 422 and "2020" in refused.text
    assert 'id="q:date-wrong"' in refused.text and 'aria-describedby="q:date-wrong"' in refused.text
    assert 'value="Мінск"' in refused.text and all(f'value="{v}"' in refused.text for v in boxes[:3] if v)


def test_an_interval_is_read_and_shown_again(service: Service) -> None:
    me = Writing(service)
    span = {"q__date__year": "2020", "q__date__month": "8", "q__date__day": "9"}
    span |= {"q__date__until__year": "2020", "q__date__until__month": "8", "q__date__until__about": "unsure"}
    me.save("section:events:0", **span)
    page = me.post("section:events:0").text
    assert 'name="q:date:until:month" value="08"' in page
    me.tell()
    assert "2020" in me.post("review").text


def test_an_answer_and_declining_it_together_are_refused(service: Service) -> None:
    me = Writing(service)
    both = me.post("section:person", "save", q__name="Янка", q__name__unsaid="~declined")
    assert both.status_code == 422 and 'value="Янка"' in both.text
    assert 'value="Янка"' not in Writing(service, me.receipt).post("section:person").text


@pytest.mark.parametrize("spelling", ["digits", "words", "solid"])
def test_a_receipt_pasted_into_a_text_is_refused_and_the_text_shown_again(
    service: Service, spelling: str
) -> None:
    me = Writing(service)
    other = new_receipt()
    words = other.words("en")
    assert words
    pasted = {"digits": digits(other), "words": ", ".join(words), "solid": "".join(other.digits())}[spelling]
    text = f"Маё пацвярджэнне: {pasted}.\nДалей."
    refused = me.post("narrative", "save", narrative=text, capacity="victim")
    assert refused.status_code == 422 and pasted in refused.text
    assert me.post("section:person", "save", q__name=f"Янка {pasted}").status_code == 422
    assert pasted not in me.post("narrative").text
    answer = service.send_form(
        [("receipt", digits(me.receipt)), ("narrative", text), ("capacity", "victim"), ("mechanism", "demo")]
    )
    assert (
        answer.status_code == 422
        and pasted in answer.text
        and 'value="victim" required checked' in answer.text
    )


def test_control_characters_vanish_and_everything_else_stays(service: Service, tmp_path: Path) -> None:
    me = Writing(service)
    me.tell("a\x00b\x1bc\x7fd\u0085e\r\nf\tg\u202eh\u0301")
    me.save("section:events:0", q__place="x\x07y\x08z")
    me.allow()
    me.send()
    (record,) = opened(service, tmp_path)
    assert parts(record, "narrative")[0]["text"] == "abcde\nf\tg\u202eh\u0301"
    assert answered(record)["events"] == [{"place": "xyz"}]


@on_every_database_in_time
def test_two_megabytes_are_taken_and_ten_are_clearly_refused(service: Service, tmp_path: Path) -> None:
    me = Writing(service)
    long = "Слова за словам. " * 65_000
    assert 1_900_000 < len(long.encode()) < 2 * 1024 * 1024
    me.tell(long)
    over = long + long[:200_000]
    refused = me.post("narrative", "save", narrative=over, capacity="victim")
    assert refused.status_code == 422 and over[-1000:] in refused.text  # nothing typed is lost
    huge = me.post("narrative", "save", narrative=long * 5, capacity="victim")
    assert huge.status_code == 413 and "1\xa0048\xa0576" in huge.text
    me.allow()
    assert me.send().status_code == 200
    (record,) = opened(service, tmp_path)
    assert parts(record, "narrative")[0]["text"] == long


def test_what_is_missing_is_named_and_nothing_is_sent(service: Service) -> None:
    me = Writing(service)
    me.save("section:events:0", q__place="Мінск")
    assert 'value="send"' not in me.post("review").text
    assert me.send().status_code == 422
    me.tell(narrative="Так.", capacity="")
    assert me.send().status_code == 422
    me.tell()
    me.allow()
    assert me.send(base=3).status_code == 409  # a page of another time
    assert 'value="send"' in me.post("review").text


def test_consent_is_kept_as_typed_and_its_mistakes_are_named(service: Service) -> None:
    me = Writing(service)
    refused = me.post("consent", "save", mechanism="demo", triage__demo="yes")
    assert refused.status_code == 422 and 'name="triage:demo" value="yes" checked' in refused.text
    me.allow(until__demo="5")
    again = me.post("consent").text
    assert f'value="{PURPOSE}" checked' in again and '<option value="5" selected' in again
    me.save("consent")
    assert " checked" not in me.post("consent").text


def test_somebody_deletes_the_draft_and_nothing_is_left(service: Service, photo: bytes) -> None:
    me = Writing(service)
    me.tell()
    me.post("files", "add", files=[("a.jpg", photo, "image/jpeg")], origin="self")
    assert len(list(service.installation.store.names())) == 1
    assert 'value="delete"' in me.post("delete").text
    assert me.post("delete", "delete").status_code == 200
    assert list(service.installation.store.names()) == []
    assert STORY not in me.post("narrative").text


def test_the_button_of_another_page_opens_the_overview(service: Service) -> None:
    me = Writing(service)
    me.tell()
    answer = service.http.post(f"{service.url}/be/write", data={"receipt": digits(me.receipt)})
    assert answer.status_code == 200 and 'value="review"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    looked = service.http.get(f"{service.url}/be/write")
    assert looked.status_code == 303 and looked.headers["location"] == "/be/"


def test_a_mistyped_receipt_and_pages_that_are_none_are_told(service: Service) -> None:
    url = f"{service.url}/be/write"
    assert service.http.post(url, data={"receipt": "1 2 3"}).status_code == 422
    assert service.http.post(url, data={"at": "files"}).status_code == 422
    assert service.http.post(url, content=b"x", headers={"content-type": "text/plain"}).status_code == 400
    me = Writing(service)
    for at in ("section:nothing", "narrative:" + "0" * 32):
        assert me.post(at).status_code == me.post(at, "save").status_code == 404
    assert me.post("nothing", "save").status_code == 400
    assert me.post("narrative", "save", files=[("a.jpg", b"x", "image/jpeg")]).status_code == 422
