"""The console in a real Chromium, with a virtual authenticator (WebDriver's, over CDP) as the member's device."""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Page, ViewportSize, expect

from intake.audit import log
from intake.audit.events import Event
from intake.people import enrolment, invitations, mechanisms
from tests.service import PURPOSE, Service
from tests.staff import Staff
from tests.tools import axe, find_node
from tests.web.twin import WEB, require_modules

WAIT = 60_000  # milliseconds
PHONE: ViewportSize = {"width": 360, "height": 740}
SCREENSHOTS = os.environ.get("INTAKE_SCREENSHOTS")


@functools.cache
def built_console() -> Path:
    """The console, built once for a process; for `running(…, console_dir=built_console())`."""
    require_modules()
    folder = Path(tempfile.mkdtemp(prefix="intake-console-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    vite = ["node_modules/vite/bin/vite.js", "build", "-c", "console/vite.config.ts", "--logLevel", "warn"]
    for command in ([*vite, "--outDir", str(folder)], ["manifest.mjs", os.path.relpath(folder, WEB)]):
        done = subprocess.run(
            [find_node(), *command],
            cwd=WEB,
            capture_output=True,
            text=True,
            env=os.environ | {"NODE_ENV": "production"},
        )
        said = done.stdout + done.stderr
        assert not done.returncode and "INEFFECTIVE_DYNAMIC_IMPORT" not in said, said
    return folder


class Console:
    """One member's browser, and the device that holds their passkeys."""

    def __init__(self, service: Service, page: Page, prf: bool = True, verifies: bool = True) -> None:
        self.service = service
        self.page = page
        self.words: list[str] = []  # of the printed key, as the person wrote them down
        self.mistakes: list[str] = []
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self.mistakes.append(str(error)))
        page.on("console", lambda said: self._note(said.type, said.text))
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.device = self.add_device(prf, verifies)

    def _note(self, kind: str, text: str) -> None:
        """Anything that the page's scripts or its policy complain of; a refusal of the server is none."""
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.mistakes.append(text)

    def add_device(self, prf: bool = True, verifies: bool = True, transport: str = "internal") -> str:
        """An authenticator, as a phone has it."""
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
            "hasPrf": prf,
        }
        added: str = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})[
            "authenticatorId"
        ]
        return added

    def lose_device(self) -> None:
        """It is gone, with all passkeys on it."""
        self.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.device})

    def passkeys(self) -> list[dict[str, Any]]:
        """What the device holds."""
        found: list[dict[str, Any]] = self.cdp.send(
            "WebAuthn.getCredentials", {"authenticatorId": self.device}
        )["credentials"]
        return found

    def open(self, link: str = "") -> Self:
        """The console's page; `link` is an invitation."""
        self.page.goto(link or f"{self.service.settings.review_url}/review")
        expect(self.page.locator("h2")).to_be_visible(timeout=WAIT)
        return self

    def enrol(self, link: str, member: str, name: str = "") -> str:
        """Follow an invitation to its end; the fingerprint that the person reads out."""
        self.open(link)
        self.page.locator("#member").fill(member)
        self.page.locator("#name").fill(name)
        self.inspect("enrol-1-names")
        self.page.locator("button.main").click()
        self.keep_words("enrol")
        fingerprint = self.page.locator(".grouped").inner_text()
        self.inspect("enrol-4-done")
        return fingerprint.replace(" ", "")

    def keep_words(self, name: str) -> None:
        """Write nine words down, and say two of them."""
        self.page.locator(".words li").first.wait_for()
        self.words = self.page.locator(".words li").all_inner_texts()
        self.inspect(f"{name}-2-printed")
        self.page.locator(".printed button.main").click()
        for field in self.page.locator("input[name^=word-]").all():
            label = self.page.locator(f"label[for={field.get_attribute('id')}]").inner_text()
            field.fill(self.words[int("".join(c for c in label if c.isdigit())) - 1])
        self.inspect(f"{name}-3-two-words")
        self.page.locator(".printed button.main").click()

    def unlock(self) -> Self:
        """Open the keys with the printed key."""
        self.page.locator("#words").fill(" ".join(self.words))
        self.page.locator("button.main").click()
        return self

    def login(self, purpose: str = PURPOSE) -> Self:
        """With the device's passkey, which opens the keys if it can."""
        self.open()
        self.page.locator("#purpose").select_option(purpose)
        self.page.locator("button.main").click()
        return self

    def inside(self) -> Self:
        """Wait until the views are there."""
        self.page.locator("nav button").first.wait_for()
        return self

    def view(self, title: str) -> Self:
        """Go to a view by what its button says."""
        self.page.get_by_role("navigation").get_by_role("button", name=title, exact=True).click()
        return self

    def inspect(self, name: str) -> None:
        """axe has nothing to say, no id is there twice, and nothing is cut off on a phone."""
        if SCREENSHOTS:
            self.page.screenshot(path=f"{SCREENSHOTS}/console-{name}.png", full_page=True)
        assert axe(self.page) == [], name
        ids = self.page.locator("[id]").evaluate_all("found => found.map((one) => one.id)")
        assert len(ids) == len(set(ids)), f"{name}: {sorted(ids)}"  # a label belongs to the first
        size = self.page.viewport_size
        self.page.set_viewport_size(PHONE)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{name} scrolls sideways"
        if size:
            self.page.set_viewport_size(size)


@contextmanager
def console(chromium: Browser, service: Service, **device: bool) -> Iterator[Console]:
    """A browser of somebody's own: nothing in it is shared with others."""
    context = chromium.new_context(locale="en-GB")
    try:
        yield Console(service, context.new_page(), **device)
    finally:
        context.close()


def invite(service: Service, *roles: str, days: int = 56) -> str:
    """What the operator prints."""
    with service.installation.database.write() as connection:
        secret = invitations.make(connection, service.mechanism.id, roles, days)
        root = mechanisms.get(connection, service.mechanism.id).root_fingerprint
    return invitations.link(service.settings.review_url, secret, root=root)


def admit(service: Service, member: str) -> bytes:
    """The root's keeper signs what somebody applied with, and the operator brings the card."""
    staff = Staff(service)
    with service.installation.database.write() as connection:
        (asked,) = [
            w for w in enrolment.waiting(connection, staff.mechanism.id) if w.request.member == member
        ]
        card = staff.sign(asked.request.raw, asked.roles, asked.days)
        enrolment.admit(connection, staff.mechanism.id, card)
        log.append(connection, staff.mechanism.id, Event.MEMBER_ADMITTED, subject=member)
    return card
