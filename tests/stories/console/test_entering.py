"""A member in a real browser: invited, enrolled, admitted, logged in, with keys that only they can open."""

from playwright.sync_api import Browser, Route, expect

from crypto.encoding import b64u_encode
from crypto.receipt import Receipt
from intake.people import enrolment, sessions
from tests.console import admit, console, invite
from tests.service import Service
from tests.staff import Staff


def test_a_reviewer_is_invited_enrols_is_admitted_and_logs_in_with_open_keys(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service) as anna:
        link = invite(service, "reviewer")
        fingerprint = anna.enrol(link, "anna", "Анна")
        assert "#" not in anna.page.url
        with service.installation.database.read() as connection:
            (waiting,) = enrolment.waiting(connection, "demo")
        assert waiting.request.fingerprint == fingerprint
        anna.login()
        assert "not a member today" in anna.page.locator("[role=alert]").inner_text()
        admit(service, "anna")
        anna.login().inside().view("Myself")
        assert "open in this page" in anna.page.locator("dl").inner_text()
        anna.inspect("oneself")
        assert anna.mistakes == []


def test_a_member_whose_passkey_cannot_open_keys_types_the_printed_words(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service, prf=False) as bela:
        bela.open(invite(service, "key-holder"))
        bela.enrol(invite(service, "key-holder"), "bela")
        admit(service, "bela")
        bela.login()
        words = bela.page.locator("#words")
        for typed, said in (
            ("abacus " * 9, "not the nine words"),
            (" ".join(Receipt.from_random(b"x" * 32).words("en") or ()), "another printed key"),
        ):
            words.fill(typed)
            bela.page.locator("button.main").click()
            expect(bela.page.locator("[role=alert]")).to_contain_text(said)
        bela.inspect("unlock")
        words.fill("  ".join(bela.words).upper())
        bela.page.locator("button.main").click()
        bela.inside().view("Myself")
        assert "open in this page" in bela.page.locator("dl").inner_text()
        assert bela.mistakes == []


def test_a_member_whose_device_does_not_verify_its_user_is_not_enrolled(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service, verifies=False) as eve:
        eve.open(invite(service, "reviewer"))
        eve.page.locator("#member").fill("eve")
        eve.page.locator("button.main").click()
        expect(eve.page.locator("[role=alert]")).to_contain_text("No passkey was used")
        assert not eve.passkeys()


def test_an_invitation_is_good_once_and_a_wrong_word_is_noticed(service: Service, chromium: Browser) -> None:
    link = invite(service, "reviewer")
    with console(chromium, service) as anna:
        anna.open(link)
        anna.page.locator("#member").fill("Anna B")
        anna.page.locator("button.main").click()
        expect(anna.page.locator("[role=alert]")).to_contain_text("small Latin letters")
        anna.page.locator("#member").fill("anna-b")
        anna.page.locator("button.main").click()
        anna.page.locator(".words li").first.wait_for()
        anna.page.locator("button.main").click()
        anna.page.locator("#word-0").fill("zebra")
        anna.page.locator("button.main").click()
        expect(anna.page.locator("[role=alert]")).to_contain_text("not what was shown")
        anna.enrol(invite(service, "reviewer"), "anna-c")
        before = anna.passkeys()
        anna.open(link)  # nothing was sent with it before
        anna.page.locator("#member").fill("anna-c")
        anna.page.locator("button.main").click()
        expect(anna.page.locator("[role=alert]")).to_contain_text("has this short name already")
        assert anna.passkeys() == before  # hers is not overwritten by one that is refused
        anna.enrol(link, "anna-d")
        anna.page.goto(link)
        expect(anna.page.locator("[role=alert]")).to_contain_text("used already")


def test_a_member_logs_out_and_another_session_ends_by_itself(service: Service, chromium: Browser) -> None:
    with console(chromium, service) as anna:
        anna.enrol(invite(service, "reviewer"), "anna")
        admit(service, "anna")
        anna.login().inside()
        with anna.page.expect_response(lambda answer: answer.request.method == "DELETE"):
            anna.page.get_by_role("button", name="Log out").click()
        expect(anna.page.locator("h2")).to_have_text("Log in")
        assert anna.page.context.cookies() == []
        anna.login().inside()
        anna.view("Myself")
        with service.installation.database.write() as connection:
            sessions.end_all(connection, "demo", "anna")
        anna.page.locator("#purpose").select_option("archive")
        expect(anna.page.locator(".note")).to_contain_text("Your session is over")
        assert anna.page.locator("nav").count() == 0


def test_a_member_is_warned_of_a_server_that_names_another_root_or_other_keys(
    service: Service, chromium: Browser
) -> None:
    lies: dict[str, str] = {}

    def lying(route: Route) -> None:
        answer = route.fetch()
        if not answer.ok or not lies:
            return route.fulfill(response=answer)
        return route.fulfill(response=answer, json=answer.json() | lies)

    with console(chromium, service) as anna:
        anna.page.route("**/review/v1/enrolments", lying)
        anna.page.route("**/review/v1/oneself", lying)
        lies["fingerprint"] = "ab" * 32
        anna.open(invite(service, "reviewer"))
        assert Staff(service).bundle.root_fingerprint in anna.page.locator(".grouped").inner_text().replace(
            " ", ""
        )
        anna.page.locator("#member").fill("anna")
        anna.page.locator("button.main").click()
        anna.keep_words("enrol")
        expect(anna.page.locator("[role=alert]")).to_contain_text("other keys in your name")
        admit(service, "anna")
        lies["root"] = b64u_encode(bytes(32))
        anna.login()
        expect(anna.page.locator("[role=alert]")).to_contain_text("names another root key")
        assert anna.page.context.cookies() == []
        lies.clear()
        anna.login().inside()
        anna.open(invite(service, "reviewer").partition("&")[0])
        expect(anna.page.locator("[role=alert]")).to_contain_text("does not name the mechanism's root")


def test_a_member_who_writes_stays_and_one_who_left_is_forgotten_after_a_warning(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service) as anna:
        anna.enrol(invite(service, "reviewer"), "anna")
        admit(service, "anna")
        anna.page.clock.install()
        anna.login().inside().view("Myself")
        warned = anna.page.get_by_text("In a minute this page forgets everything")
        with anna.page.expect_request("**/review/v1/oneself"):  # the server counts requests
            anna.page.clock.fast_forward("14:30")
        expect(warned).to_be_visible()
        anna.page.keyboard.press("Shift")
        anna.page.clock.run_for("00:11")
        expect(warned).not_to_be_visible()
        with anna.page.expect_event("load"):  # the page begins anew
            anna.page.clock.fast_forward("15:11")
        expect(anna.page.locator(".note")).to_contain_text("Your session is over")
        assert anna.page.locator("nav").count() == 0
        assert "#" not in anna.page.url
        assert anna.mistakes == []


def test_a_member_who_leaves_in_one_tab_has_left_in_the_others(service: Service, chromium: Browser) -> None:
    with console(chromium, service) as anna:
        anna.enrol(invite(service, "reviewer"), "anna")
        admit(service, "anna")
        anna.login().inside()
        other = anna.page.context.new_page()
        other.goto(f"{service.settings.review_url}/review")
        other.evaluate("new BroadcastChannel('review').postMessage('')")
        expect(anna.page.locator(".note")).to_contain_text("Your session is over")
