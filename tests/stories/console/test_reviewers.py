"""A mechanism's people from the first invitation to the day after somebody left, in browsers of their own.

A wire between them and the service records all that goes up: nothing that was opened is in it.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from crypto.age_keys import Identity
from crypto.compartments import open_identity
from crypto.encoding import b64u_decode
from crypto.errors import CryptoError
from crypto.wraps import encode_wraps, parse_wraps
from intake.audit.events import Event
from intake.client import mechanism_keys, recovery
from intake.client.wraps import Keys, make, reader, write_identities
from intake.people import mechanisms, wraps
from intake.record.names import record_name
from tests.casework import own_case
from tests.console import Console, admit, built_console, console, invite
from tests.http.test_feed import Program, entries
from tests.own import Person
from tests.sealing_pages import encodings
from tests.service import Service, make_mechanism, new_receipt, running
from tests.staff import Staff
from tests.stories.console.test_people import sure
from tests.stories.console.test_records import told
from tests.wire import Wire

ANSWER = "Дзякуем. Ці былі там іншыя людзі? needle-answer-31"
NOTE = "Супадае з іншым запісам. needle-note-77"
NARRATIVE = "Мяне затрымалі на плошчы."


@dataclass
class House:
    """The mechanism, its keys on a machine without a network, the service, and what went up the wire."""

    service: Service
    wire: Wire
    keys: Path
    folder: Path
    cards: dict[str, bytes] = field(default_factory=dict)

    def seal_offline(self, *members: str) -> None:
        """`intake keys wrap`, and the operator imports it."""
        keys = Keys.load(self.keys)
        paths = [self.folder / f"{member}.card.json" for member in members]
        for member, path in zip(members, paths, strict=True):
            path.write_bytes(self.cards[member])
        made = make(keys, [reader(path, keys.bundle.root) for path in paths])
        with self.service.installation.database.write() as connection:
            wraps.add(connection, "demo", encode_wraps(made))

    def new_epoch(self) -> list[Identity]:
        """`intake keys rotate`, and the operator imports the bundle; the identities of before."""
        before = mechanism_keys.identities(self.keys)
        mechanism_keys.rotate(self.keys, 365, None)
        with self.service.installation.database.write() as connection:
            mechanisms.add(connection, (self.keys / "bundle.json").read_bytes())
        return before


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    demo = make_mechanism(tmp_path / "keys", "demo")
    with Wire("http://127.0.0.1:9") as wire:
        address = wire.url.replace("127.0.0.1", "localhost")
        settings = {"console_dir": built_console(), "review_url": address}
        with running(tmp_path / "s", demo, **settings) as service:
            wire.leads_to(service.url)
            yield House(service, wire, demo.keys, tmp_path)


def enter(house: House, browser: Console, member: str, role: str) -> Console:
    """Invited by the operator, admitted by the keeper of the root, logged in."""
    browser.enrol(invite(house.service, role), member, member.title())
    house.cards[member] = admit(house.service, member)
    return browser.login().inside()


def share(browser: Console, member: str) -> None:
    """A key-holder compares the fingerprint and seals the keys of the role."""
    entry = browser.view("Keys").page.locator(".entries > li", has_text=member)
    entry.get_by_role("checkbox").check()
    entry.get_by_role("button").click()
    expect(browser.page.get_by_role("status")).to_contain_text(f"Keys sealed to {member}")


def test_from_an_invitation_to_the_day_after_somebody_left(
    house: House, chromium: Browser, photo: bytes
) -> None:
    service = house.service
    receipt = new_receipt()
    with ExitStack() as stack:
        admin, kira, olga, rita = (stack.enter_context(console(chromium, service)) for _ in range(4))

        # 1. An administrator, a key-holder, a custodian; then a reviewer, by the administrator's browser.
        enter(house, admin, "admin", "administrator")
        enter(house, kira, "kira", "key-holder")
        house.seal_offline("kira")
        enter(house, olga, "olga", "custodian")
        admin.view("People").page.get_by_role("button", name="Make a link").click()
        fingerprint = rita.enrol(admin.page.locator(".link").inner_text(), "rita", "Рыта")
        admin.view("Myself").view("People")
        assert admin.page.locator(".rows .grouped").inner_text().replace(" ", "") == fingerprint
        with admin.page.expect_download() as download:
            admin.page.get_by_role("button", name="Save the request").click()
        card = house.folder / "rita.card.json"
        card.write_bytes(Staff(service).sign(Path(download.value.path()).read_bytes(), ["reviewer"]))
        house.cards["rita"] = card.read_bytes()
        admin.page.locator("#card").set_input_files(card)
        expect(admin.page.locator("[role=status]").first).to_contain_text("rita is a member now")

        # 2. The key-holder's browser seals to both the keys of their roles.
        kira.login().inside()
        share(kira, "olga")
        share(kira, "rita")
        rita.login().inside()

        # 3. A testimony arrives, is assigned, opened: blurred first, the original on a click.
        person = Person(service, receipt.keys())
        record = told(service, photo, person)
        name = record_name(record)
        expect(rita.view("Inbox").page.locator("tbody tr").first).to_contain_text(name)
        expect(rita.page.get_by_role("button", name=name)).to_have_count(
            0
        )  # a card is all until it is assigned
        assert NARRATIVE not in rita.page.content()
        kira.view("Inbox").page.get_by_label(f"Choose {name}").check()
        kira.page.get_by_label("To whom").select_option("rita")
        kira.page.get_by_role("button", name="Assign 1").click()
        expect(kira.page.locator("tbody tr").first).to_contain_text("rita")
        open_record(rita, name)
        expect(rita.page.locator("p.text").first).to_have_text(NARRATIVE)
        rita.page.locator("canvas.preview").scroll_into_view_if_needed()
        expect(rita.page.locator("canvas[data-drawn]")).to_have_count(1)
        rita.page.get_by_role("button", name="Show the original").click()
        expect(rita.page.locator(".media img")).to_be_visible()

        # 4. Who it is: asked with a reason, approved by another person.
        rita.page.get_by_label("Reason").select_option("contact")
        rita.page.get_by_label("identity").check()
        rita.page.get_by_role("button", name="Ask", exact=True).click()
        expect(rita.page.get_by_text("A custodian will decide")).to_be_visible()
        olga.login().inside().view("Approvals")
        olga.page.get_by_label("I know them from a member who sees them").check()
        olga.page.get_by_role("button", name="Approve").click()
        expect(olga.page.locator("article")).to_contain_text("approved (olga)")
        open_record(rita, name)
        rita.page.locator("canvas.preview").first.scroll_into_view_if_needed()
        expect(rita.page.locator("canvas[data-drawn]")).to_have_count(2)

        # 5. A note for colleagues; an answer, which the person reads with the receipt.
        panel = rita.page.locator("section.work")
        panel.locator("#work-text").fill(NOTE)
        panel.get_by_role("button", name="Seal and save").click()
        expect(panel.locator(".said")).to_have_text([NOTE])
        rita.page.locator("#message-text").fill(ANSWER)
        rita.page.get_by_role("button", name="Seal and send").click()
        expect(rita.page.locator("section.messages .said")).to_have_text([ANSWER])
        with own_case(service, receipt) as case:
            (message,) = case.read().messages
        assert message.text == ANSWER

        # 6. Whoever is removed is out at once; what comes later is sealed to keys that they never had.
        sure(admin.view("Myself").view("People"), "Remove", "rita")
        expect(admin.page.locator("[role=status]").first).to_contain_text("needs a new epoch of keys")
        rita.view("Inbox")
        expect(rita.page.locator(".note")).to_contain_text("Your session is over")
        rita.login()
        expect(rita.page.locator("[role=alert]")).to_contain_text("not a member today")
        before = house.new_epoch()
        house.seal_offline("kira", "olga")
        later = told(service, photo)
        grants = grants_of(service, later)
        assert grants and all(opens(file, mechanism_keys.identities(house.keys)) for file in grants)
        assert not any(opens(file, before) for file in grants)
        kira.login().inside().view("Inbox")
        expect(kira.page.get_by_role("button", name=record_name(later))).to_be_visible()

        # 7. A lost device: two people give a new passkey, the paper opens the keys.
        olga.lose_device()
        sure(admin.view("Myself").view("People"), "Lost device", "olga")
        sure(kira.view("People"), "Approve", "A new passkey for olga")
        link = kira.page.locator(".link").inner_text()
        olga.device = olga.add_device()
        olga.open(link).unlock()
        olga.page.get_by_text("The new passkey is yours").wait_for()
        olga.login().inside().view("Approvals")
        expect(olga.page.locator("article")).to_contain_text("approved (olga)")
        for browser in (admin, kira, olga, rita):
            assert browser.mistakes == []
        words = [" ".join(browser.words) for browser in (admin, kira, olga, rita)]

    # 8. All keys are lost: two shares of three bring back what opens the record.
    recovery.split(house.keys, house.folder / "shares")
    sealed = parse_wraps(encode_wraps(recovery.make(house.keys, Keys.load(house.keys))))
    secrets_ = mechanism_keys.identities(house.keys)
    shutil.rmtree(house.keys)
    sheets = [(f"share {n}", (house.folder / "shares" / f"share-{n}.txt").read_text()) for n in (1, 3)]
    found = recovery.recover(sealed, recovery.combine(sheets), None)
    write_identities(found, "demo", house.folder / "again")
    assert all(opens(f, mechanism_keys.identities(house.folder / "again")) for f in grants)

    # 9. All of it is on the log, and nothing of it went up the wire.
    events = {entry.event for entry in entries(service)}
    assert {
        Event.MEMBER_INVITED,
        Event.MEMBER_ADMITTED,
        Event.KEYS_WRAPPED,
        Event.RECORD_ASSIGNED,
        Event.RECORD_OPENED,
        Event.IDENTITY_ASKED,
        Event.IDENTITY_DECIDED,
        Event.MESSAGE_SENT,
        Event.MEMBER_REMOVED,
        Event.PROPOSAL_MADE,
        Event.PROPOSAL_DECIDED,
    } <= events
    sent = bytes(house.wire.sent)
    assert b"/review/v1/sessions" in sent and len(sent) > 50_000  # the wire does hear
    texts = [NARRATIVE, ANSWER, NOTE, "Сінякі", name, *words]
    texts += [identity.text for identity in secrets_]
    assert not [text for text in texts if any(form in sent for form in encodings(text))]
    pieces = [photo[i : i + 24] for i in range(64, len(photo) - 24, 9_991)]
    assert not [piece for piece in pieces if piece.strip(b"\0") and piece in sent]
    for identity in secrets_:
        assert identity.seed not in sent and identity.seed.hex().encode() not in sent


def open_record(browser: Console, name: str) -> None:
    browser.view("Inbox").page.get_by_role("button", name=name).click()
    expect(browser.page.locator(".note").first).to_contain_text("opened and checked in this browser")


def grants_of(service: Service, record: str) -> list[bytes]:
    """What the mechanism was granted of a record, as its program fetches it."""
    answer = Program(service).enter().get(f"/feed/v1/records/{record}")
    return [b64u_decode(grant["file"]) for grant in answer.json()["grants"]]


def opens(file: bytes, identities: list[Identity]) -> bool:
    """Whether one of these keys opens a grant."""
    try:
        open_identity(file, identities)
    except CryptoError:
        return False
    return True
