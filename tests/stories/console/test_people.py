"""Members in real browsers: what opens their keys, who comes and goes, and what needs two of them."""

import json
from pathlib import Path

from playwright.sync_api import Browser, expect

from intake.db.tables.staff import sessions, vaults
from tests.console import Console, admit, console, invite
from tests.service import Service
from tests.staff import Staff


def member(service: Service, browser: Console, id: str, *roles: str) -> Console:
    """Invited, enrolled, admitted, logged in."""
    browser.enrol(invite(service, *roles), id)
    admit(service, id)
    return browser.login().inside()


def sure(browser: Console, label: str, within: str = "") -> None:
    """Press something that asks once more."""
    row = browser.page.locator(".rows > li", has_text=within).first if within else browser.page
    row.get_by_role("button", name=label, exact=True).click()
    row.get_by_role("group").get_by_role("button", name=label, exact=True).click()


def test_a_member_has_a_second_passkey_renames_it_and_removes_the_first(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service) as anna:
        member(service, anna, "anna", "reviewer").view("Myself")
        details = anna.page.locator("details")
        details.locator("summary").click()
        sure(anna, "Remove")
        expect(anna.page.locator("[role=alert]")).to_contain_text("your only passkey")
        first = anna.device
        anna.cdp.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": first, "enabled": False})
        anna.device = anna.add_device(transport="usb")
        anna.page.locator("#label").fill("key in the drawer")
        anna.page.get_by_role("button", name="Add a passkey").click()
        expect(anna.page.locator(".rows > li")).to_have_count(2)
        row = anna.page.locator(".rows > li", has_text="key in the drawer")
        expect(row).to_contain_text("opens my keys")
        row.locator("summary").click()
        row.locator("input").fill("key at home")
        row.get_by_role("button", name="Rename").click()
        expect(anna.page.locator("strong", has_text="key at home")).to_be_visible()
        anna.inspect("passkeys")
        sure(anna, "Remove", "passkey 1")
        expect(anna.page.locator(".rows > li")).to_have_count(1)
        anna.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
        anna.login().inside().view("Myself")
        assert "open in this page" in anna.page.locator("dl").inner_text()
        assert anna.mistakes == []


def test_a_member_makes_a_new_printed_key_and_the_old_words_open_nothing(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service, prf=False) as bela:
        bela.enrol(invite(service, "reviewer"), "bela")
        admit(service, "bela")
        old = bela.words
        bela.login().unlock().inside().view("Myself")
        bela.page.get_by_role("button", name="Make a new printed key").click()
        bela.keep_words("new-printed")
        expect(bela.page.get_by_role("button", name="Make a new printed key")).to_be_visible()
        assert bela.words != old
        bela.login()
        bela.page.locator("#words").fill(" ".join(old))
        bela.page.locator("button.main").click()
        expect(bela.page.locator("[role=alert]")).to_contain_text("another printed key")
        bela.unlock().inside()
        assert bela.mistakes == []


def test_an_administrator_invites_admits_and_removes_in_the_console(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    with console(chromium, service) as admin, console(chromium, service) as anna:
        member(service, admin, "admin", "administrator").view("People")
        admin.page.get_by_role("button", name="Make a link").click()
        link = admin.page.locator(".link").inner_text()
        fingerprint = anna.enrol(link, "anna", "Анна")
        admin.view("Myself").view("People")
        expect(admin.page.locator(".rows .grouped")).to_be_visible()
        assert admin.page.locator(".rows .grouped").inner_text().replace(" ", "") == fingerprint
        with admin.page.expect_download() as download:
            admin.page.get_by_role("button", name="Save the request").click()
        request = Path(download.value.path()).read_bytes()
        assert json.loads(request)["member"] == "anna" and json.loads(request)["days"] == 56
        card = tmp_path / "card.json"
        card.write_bytes(Staff(service).sign(request, ["reviewer"], days=1))
        admin.inspect("people-waiting")
        admin.page.locator("#card").set_input_files(card)
        expect(admin.page.locator("[role=status]").first).to_contain_text("anna is a member now")
        expect(admin.page.get_by_text("ends within two weeks: anna")).to_be_visible()
        anna.login().inside()
        expect(anna.page.get_by_text("Your membership ends on")).to_be_visible()
        admin.inspect("people")
        sure(admin, "Remove", "anna")
        expect(admin.page.locator("[role=status]").first).to_contain_text("needs a new epoch of keys")
        anna.view("People")
        expect(anna.page.locator(".note")).to_contain_text("Your session is over")
        anna.login()
        expect(anna.page.locator("[role=alert]")).to_contain_text("not a member today")
        assert admin.mistakes == anna.mistakes == []


def test_two_members_give_a_third_a_new_passkey_and_the_paper_opens_the_keys(
    service: Service, chromium: Browser
) -> None:
    with (
        console(chromium, service) as admin,
        console(chromium, service) as holder,
        console(chromium, service) as anna,
    ):
        member(service, admin, "admin", "administrator")
        member(service, holder, "holder", "key-holder")
        member(service, anna, "anna", "reviewer")
        anna.lose_device()
        admin.view("People")
        sure(admin, "Lost device", "anna")
        expect(admin.page.locator("[role=status]").first).to_contain_text("Another member has to decide")
        row = admin.page.locator(".rows > li", has_text="A new passkey for anna")
        expect(row).to_contain_text("waits")
        assert row.get_by_role("button").all_inner_texts() == ["Take it back"]
        holder.view("People")
        sure(holder, "Approve", "A new passkey for anna")
        link = holder.page.locator(".link").inner_text()
        holder.inspect("people-recovery")
        anna.device = anna.add_device()
        anna.open(link)
        anna.inspect("recover")
        anna.page.locator("#words").fill("abacus " * 9)
        anna.page.locator("button.main").click()
        expect(anna.page.locator("[role=alert]")).to_contain_text("not the nine words")
        anna.unlock()
        anna.page.get_by_text("The new passkey is yours").wait_for()
        assert "#" not in anna.page.url
        anna.login().inside().view("Myself")  # without the paper
        expect(anna.page.locator(".rows > li")).to_contain_text("opens my keys")
        assert admin.mistakes == holder.mistakes == anna.mistakes == []


def test_a_member_confirms_once_more_when_the_last_time_is_long_ago(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service) as admin:
        member(service, admin, "admin", "administrator").view("People")
        for answer, said in (("Cancel", "not confirmed"), ("Confirm with the passkey", "Give this link")):
            stale(service)
            admin.page.get_by_role("button", name="Make a link").click()
            dialog = admin.page.get_by_role("dialog")
            expect(dialog).to_contain_text("Confirm that it is you")
            admin.inspect("confirm")
            dialog.get_by_role("button", name=answer).click()
            expect(admin.page.get_by_text(said)).to_be_visible()
            expect(dialog).not_to_be_visible()
        assert admin.mistakes == []


def stale(service: Service) -> None:
    """As if everybody's last assertion were an hour ago."""
    with service.owner.write() as connection:
        connection.execute(sessions.update().values(fresh=0))


def test_a_member_opens_the_keys_from_the_paper_late_and_without_confirming(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service) as anna:
        anna.enrol(invite(service, "reviewer"), "anna")
        admit(service, "anna")
        with service.owner.write() as connection:  # the passkey's vault is lost: it has to be sealed anew
            connection.execute(vaults.delete().where(vaults.c.wrapper != "recovery"))
        anna.login()
        anna.page.get_by_role("button", name="Go on without").click()
        expect(anna.inside().page.locator(".note").first).to_contain_text("Open them under “Myself”")
        anna.view("Myself")
        stale(service)
        anna.page.locator("#words").fill(" ".join(anna.words))
        anna.page.get_by_role("button", name="Open", exact=True).click()
        dialog = anna.page.get_by_role("dialog")
        expect(dialog).to_contain_text("Confirm that it is you")
        dialog.get_by_role("button", name="Cancel").click()
        expect(anna.page.locator("dl")).to_contain_text("open in this page")
        expect(anna.page.locator(".rows > li")).to_contain_text("does not open my keys")
        anna.login().unlock().inside().view("Myself")
        expect(anna.page.locator(".rows > li")).to_contain_text("opens my keys")
        anna.login().inside()  # and from now on without the paper
        assert anna.mistakes == []
