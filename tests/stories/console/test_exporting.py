"""An export in real browsers: one proposes it, another approves it, and the first takes it once."""

import hashlib
import json
import re
import tarfile
from pathlib import Path

from playwright.sync_api import Browser, Route, expect

from intake.client import mechanism_keys
from intake.client.mechanism_keys import Root
from intake.people import memberships
from intake.record.names import record_name
from tests.console import Console, console
from tests.reviewing.desks import assign
from tests.service import Service, prepared
from tests.staff import Staff
from tests.stories.console.test_work import enter


def test_what_another_member_approved_is_downloaded_once(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    record = service.submit(prepared(tmp_path / "t", {}))[1].record
    with console(chromium, service) as anna, console(chromium, service) as kim:
        enter(service, anna, "anna", "reviewer")
        enter(service, kim, "kim", "key-holder")
        assign(service, record, "anna")
        anna.view("Exports")
        anna.page.locator("#export-records").fill(f"1, 99 {record_name(record)}")
        anna.page.get_by_role("button", name="Go on").click()
        expect(anna.page.get_by_text("is called so: 99")).to_be_visible()
        expect(anna.page.locator("#export-reason")).to_have_count(0)  # nothing else is asked about that
        _no_more_today(service, anna, tmp_path)
        anna.page.locator("#export-records").fill(f"1, {record_name(record)}")
        expect(anna.page.get_by_text("is called so: 99")).to_have_count(0)
        anna.page.get_by_role("button", name="Go on").click()
        anna.page.locator("#export-reason").select_option("proceedings")
        propose = anna.page.get_by_role("button", name="Propose")
        expect(propose).to_have_count(0)
        anna.page.get_by_role("button", name="See what the person set").click()
        expect(anna.page.get_by_text(f"is not known here: No. 1 ({record_name(record)})")).to_be_visible()
        expect(propose).to_have_count(0)  # what did not open is said, and somebody has to know it
        anna.page.get_by_label("I know it from a member who sees it").check()
        propose.click()
        sure = anna.page.get_by_role("group", name=f"Propose an export of: No. 1 ({record_name(record)})?")
        expect(sure).to_contain_text("No identity, and nothing that is sealed as intimate")
        anna.inspect("export-proposing")
        propose.click()
        expect(anna.page.get_by_text("waits for another member")).to_be_visible()
        anna.inspect("exports")
        kim.view("Inbox").page.get_by_role("button", name=record_name(record)).click()
        expect(kim.page.locator(".note")).to_contain_text(
            "Your keys do not open the card"
        )  # nothing is spent
        kim.page.get_by_role("button", name="Open it anyway").click()
        expect(kim.page.get_by_role("alert").first).to_contain_text("sealed to keys of epoch 1")
        expect(kim.page.get_by_text("In their own words")).to_have_count(0)
        expect(kim.page.get_by_text("opened and checked")).to_have_count(0)
        expect(kim.page.get_by_role("button", name="Assign")).to_have_count(0)
        kim.view("Approvals")
        expect(kim.page.get_by_text("What the export is for: legal proceedings")).to_be_visible()
        expect(kim.page.get_by_text(f"No. 1 ({record_name(record)})").first).to_be_visible()
        expect(kim.page.get_by_text("Consent for: Fact-finding by the United Nations")).to_be_visible()
        expect(kim.page.get_by_role("button", name="Approve")).to_have_count(0)  # before he has looked
        expect(kim.page.get_by_text("You can approve once")).to_be_visible()
        kim.page.get_by_role("button", name="See what the person set").click()
        kim.page.get_by_label("I know it from a member who sees it").check()
        for _ in range(2):  # and yes, I am sure
            kim.page.get_by_role("button", name="Approve").click()
        expect(kim.page.get_by_role("button", name="Approve")).to_have_count(0)
        expect(kim.page.get_by_text("Your decision is stored")).to_be_visible()
        anna.view("Cases").view("Exports")
        with anna.page.expect_download() as download:
            anna.page.get_by_role("button", name="Download once").click()
        expect(anna.page.get_by_role("button", name="Download once")).to_have_count(0)
        expect(anna.page.get_by_role("button", name="Straight into a file")).to_have_count(0)
        data = download.value.path().read_bytes()
        said = anna.page.get_by_role("status").filter(has_text="All of it came here")
        expect(said).to_contain_text(f"{len(data)} bytes, SHA-256")
        assert said.locator(".grouped").inner_text() == hashlib.sha256(data).hexdigest()
        expect(said).to_contain_text("certutil -hashfile export.tar SHA256")
        anna.inspect("export-came")
        asked: list[str] = []
        anna.page.on("request", lambda request: asked.append(request.url))
        anna.view("Cases").view("Exports")  # it is still there, and the server is not asked again
        with anna.page.expect_download() as again:
            anna.page.get_by_role("link", name="Save it again").click()
        assert again.value.path().read_bytes() == data
        assert not [url for url in asked if url.startswith("http") and "/exports/" in url]
        with tarfile.open(download.value.path()) as archive:
            names = archive.getnames()
            refused = archive.extractfile("export/refused.json")
            assert refused is not None and json.loads(refused.read()) == {}
        assert f"export/records/{record}/record.json" in names
        with anna.page.expect_download() as saved:
            anna.page.get_by_role("button", name="Save my key").click()
            group = anna.page.get_by_role("group", name="writes your private key")
            group.get_by_role("button", name="Save my key").click()
        (tmp_path / "keys").mkdir()
        saved.value.save_as(tmp_path / "keys" / saved.value.suggested_filename)
        (own,) = mechanism_keys.identities(tmp_path / "keys")
        with service.installation.database.read() as connection:
            assert memberships.valid(connection, "demo")["anna"].recipient.text == own.recipient.text
        root = Root("demo", Staff(service).root.public)
        assert mechanism_keys.root_of(tmp_path / "keys") == root  # by which notes and messages are checked
        expect(anna.page.get_by_text("its one download was begun")).to_be_visible()
        assert anna.mistakes == kim.mistakes == []


def _no_more_today(service: Service, anna: Console, tmp_path: Path) -> None:
    """Where the day's limit is reached, nothing is asked for that would be an alarm: it is said to be unknown."""
    other = service.submit(prepared(tmp_path / "other", {}))[1].record
    opened: list[str] = []

    def spent(route: Route) -> None:
        opened.append(route.request.url)
        route.fulfill(json=route.fetch().json() | {"budget": {"opened": 30, "daily": 30}})

    records = re.compile(r"/review/v1/records/[0-9a-f]{64}$")
    anna.page.route(records, spent)
    anna.page.locator("#export-records").fill("1, 2")
    anna.page.get_by_role("button", name="Go on").click()
    anna.page.get_by_role("button", name="See what the person set").click()
    expect(anna.page.locator("ul.called li").last).to_contain_text(f"No. 2 ({record_name(other)})")
    expect(anna.page.locator("ul.called .care").last).to_have_text("not opened here")
    anna.page.unroute(records)
    assert len(opened) == 1
