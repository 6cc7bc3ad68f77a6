"""A stranger follows the README to the letter: key-holder, reviewer and auditor of the demonstration."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from intake.commands import demonstration
from intake.db import migrate
from intake.installation import open_installation
from tests.console import Console, built_console, console
from tests.service import Mechanism, Service, form_fields, free_port, new_receipt, serving, settings_for

ROOT = Path(__file__).parents[3]
HEADING = "### First try as a key-holder, a reviewer, an auditor"


def commands() -> tuple[str, str]:
    """What the README says to type."""
    block = (ROOT / "README.md").read_text("utf-8").split(HEADING)[1].split("```")[1]
    invite, admit = (line.strip() for line in block.strip().splitlines())
    return invite, admit


def typed(service: Service, command: str) -> str:
    """In a second terminal; `make run` has the settings of this machine."""
    program, *arguments = command.split()
    assert program == ".venv/bin/intake"
    settings = service.settings
    here = {
        "INTAKE_DATA_DIR": str(settings.data_dir),
        "INTAKE_PORT": str(settings.port),
        "INTAKE_PUBLIC_URL": settings.public_url,
        "INTAKE_REVIEW_URL": settings.review_url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "intake", *arguments],
        cwd=ROOT,
        env=os.environ | here | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout.strip()


def become(service: Service, browser: Console, name: str, role: str) -> Console:
    invite, admit = commands()
    link, *_ = typed(service, invite.replace("key-holder", role)).splitlines()  # then what to compare
    browser.enrol(link, name)
    assert f"{name} is {role} of demo" in typed(service, admit)
    return browser.login().inside()


@pytest.mark.slow
def test_a_stranger_tries_all_three_roles_by_what_the_readme_says(tmp_path: Path, chromium: Browser) -> None:
    port = free_port()
    settings = settings_for(tmp_path / "var", port, console_dir=built_console())
    settings.data_dir.mkdir()
    found = open_installation(settings)
    migrate.upgrade(found.database)
    keys = settings.data_dir / "demo-mechanism-keys"
    assert demonstration.make(found, keys)
    with (
        serving(settings, port),
        console(
            chromium,
            service := Service(settings, found, Mechanism("demo", keys), settings.public_url, tmp_path),
        ) as kira,
        console(chromium, service) as rita,
        console(chromium, service) as olga,
    ):
        become(service, kira, "kira", "key-holder")
        become(service, rita, "rita", "reviewer")
        become(service, olga, "olga", "auditor")
        assert typed(service, commands()[1]) == "nobody waits"
        sent = service.send_form(form_fields(new_receipt(), narrative="Мяне затрымалі."))
        assert sent.status_code == 200
        kira.view("Inbox").page.locator("tbody input[type=checkbox]").check()
        kira.page.get_by_label("To whom").select_option("rita")
        kira.page.get_by_role("button", name="Assign 1").click()
        expect(kira.page.locator("tbody tr").first).to_contain_text("rita")
        rita.view("Inbox").page.locator("tbody button.link").click()
        expect(rita.page.locator("p.text").first).to_have_text("Мяне затрымалі.")
        # The form's question about contact was left open, and the name was never asked about.
        expect(rita.page.get_by_text("not asked, or not answered")).to_have_count(2)
        expect(rita.page.locator("section.messages")).to_contain_text("gave no answer")
        olga.view("Log")
        expect(olga.page.locator("tbody")).to_contain_text("rita")
        for browser in (kira, rita, olga):
            assert browser.mistakes == []
    found.database.close()
