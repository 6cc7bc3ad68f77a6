"""A key-holder's browser seals the mechanism's keys to who comes, and nobody else's does."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from crypto.bundles import verify_bundle
from crypto.wraps import encode_wraps
from intake import clock
from intake.client.wraps import Keys, make, reader
from intake.people import wraps
from tests.console import Console, admit, console, invite
from tests.service import Service
from tests.staff import Staff


def member(browser: Console, member: str, role: str) -> tuple[str, bytes]:
    """Somebody with this role enrols and is admitted: the fingerprint that they read out, and the card."""
    fingerprint = browser.enrol(invite(browser.service, role), member)
    return fingerprint, admit(browser.service, member)


def seal_offline(service: Service, card: bytes, folder: Path) -> None:
    """Where the mechanism's keys are: `intake keys wrap`; and the operator imports it."""
    path, keys = folder / "card.json", Keys.load(service.mechanism.keys)
    path.write_bytes(card)
    with service.installation.database.write() as connection:
        wraps.add(connection, "demo", encode_wraps(make(keys, [reader(path, keys.bundle.root)])))


def test_a_key_holder_compares_a_fingerprint_and_seals_the_keys_of_the_role(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    with console(chromium, service) as bela, console(chromium, service) as anna:
        _, card = member(bela, "bela", "key-holder")
        seal_offline(service, card, tmp_path)
        fingerprint, _ = member(anna, "anna", "reviewer")
        anna.login().inside().view("Keys")
        expect(anna.page.locator("section")).to_contain_text("No keys have been sealed to you yet")
        assert anna.page.locator(".grouped").inner_text().replace(" ", "") == fingerprint

        bela.login().inside().view("Keys")
        own = bela.page.locator("section > ul").first
        expect(own).to_have_text("Epoch 1: triage, account, identity, sensitive")
        root = verify_bundle((service.mechanism.keys / "bundle.json").read_bytes()).root_fingerprint
        shown = [text.replace(" ", "") for text in bela.page.locator(".grouped").all_inner_texts()]
        assert root in shown and fingerprint in shown
        entry = bela.page.locator(".entries > li")
        expect(entry).to_contain_text("anna, reviewer")
        expect(entry).to_contain_text("Needs the keys of: triage (1)")
        button = entry.get_by_role("button")
        expect(button).to_be_disabled()
        entry.get_by_role("checkbox").check()
        bela.inspect("keys-to-share")
        button.click()
        expect(bela.page.get_by_role("status")).to_contain_text("Keys sealed to anna: 1.")
        expect(bela.page.locator("section")).to_contain_text("Everybody has the keys that their roles need.")
        bela.inspect("keys-shared")

        anna.login().inside().view("Keys")
        expect(anna.page.locator("section > ul")).to_have_text("Epoch 1: triage")
        anna.inspect("keys-own")
        assert anna.mistakes == bela.mistakes == []


def test_a_key_holder_is_told_who_left_with_keys_that_are_in_use(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    gone = Staff(service).member("custodian", id="eve")
    with service.owner.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE memberships SET removed_day = '{clock.day()}' WHERE member = 'eve'"
        )
    assert gone.get("/keys").status_code == 401
    with console(chromium, service) as bela:
        _, card = member(bela, "bela", "key-holder")
        seal_offline(service, card, tmp_path)
        bela.login().inside().view("Keys")
        expect(bela.page.locator("section")).to_contain_text(
            f"eve, {clock.day()}: triage, identity, sensitive"
        )
        bela.inspect("keys-leavers")
        assert bela.mistakes == []
