"""A stranger types `make run` and follows what it prints."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from intake.cli import app
from tests.program import INTAKE, Program
from tests.service import FILES, digits, form_fields, free_port, new_receipt, settings_for


class Stranger:
    """A terminal, and `intake run` on a folder of its own."""

    def __init__(self, home: Path) -> None:
        settings = settings_for(home / "var", free_port())
        self.url = settings.public_url
        self._output = home / "output"
        self.program = Program(settings, self._output, "run")

    def printed(self) -> str:
        return self._output.read_text()

    def run(self, *arguments: str, answers: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*INTAKE, *arguments],
            env=self.program.environment,
            input=answers,
            capture_output=True,
            text=True,
            timeout=120,
        )


@contextmanager
def started(home: Path) -> Iterator[Stranger]:
    found = Stranger(home)
    found.program.start()
    yield found
    found.program.stop()


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Stranger]:
    with started(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def same_stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    """For mistakes, after which everything is as it was."""
    with started(tmp_path_factory.mktemp("stranger")) as found:
        yield found


def test_stranger_submits_and_the_printed_command_pulls_and_opens_it(
    stranger: Stranger, tmp_path: Path
) -> None:
    photo = (FILES / "phone.jpg").read_bytes()
    fields = form_fields(new_receipt(), ("received", "phone.jpg", photo), narrative="Першае сведчанне.")
    files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
    assert httpx.post(f"{stranger.url}/be/submit", files=files, timeout=60).status_code == 200

    match = re.search(r"Pull and open: (.*?)\n(?:Or|\n)", stranger.printed(), re.DOTALL)
    assert match, stranger.printed()
    command = match[1].replace(".venv/bin/intake", " ".join(INTAKE))
    done = subprocess.run(
        command, shell=True, env=stranger.program.environment, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    opened = list((tmp_path / "var" / "opened").glob("*/media/phone.jpg"))
    assert len(opened) == 1 and opened[0].read_bytes() == photo
    assert opened[0].parent.with_name("narrative.txt").read_text() == "Першае сведчанне."


def test_documenter_submits_a_folder_and_looks_at_it_again(stranger: Stranger, tmp_path: Path) -> None:
    folder = tmp_path / "testimony"
    folder.mkdir()
    (folder / "narrative.txt").write_text("Апавяданне.")
    (folder / "фота.jpg").write_bytes((FILES / "phone.jpg").read_bytes())
    arguments = ["submit", str(folder), "--server", stranger.url, "--to", "demo:archive,sanctions"]
    arguments += ["--capacity", "lawyer", "--language", "be", "--yes"]

    sent = stranger.run(*arguments)

    assert sent.returncode == 0, sent.stderr
    receipt = re.search(r"((?:\d{4}\s+){8}\d{4})", sent.stdout)
    assert receipt and sent.stdout.index(receipt[1]) < sent.stdout.index("Received. Record")
    shown = stranger.run("mine", "--server", stranger.url, answers=receipt[1] + "\n")
    assert (
        shown.returncode == 0 and "Апавяданне." in shown.stdout and "фота.jpg (82798 bytes)" in shown.stdout
    )
    assert "archive, sanctions" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "answers", "sentence"),
    [
        (("submit", "nowhere", "--to", "demo:archive"), "", "nowhere: is not there"),
        (("submit", ".", "--to", "demo:fun"), "", "--to is MECHANISM:PURPOSE"),
        (("mine",), "0001 0002\n", "a receipt has nine groups; this has 2"),
        (("mine",), "0001 0002 9999 1 1 1 1 1 1\n", "group 3 is not a number"),
        (("mine",), "one two three four five six seven eight nine\n", "is not a word of the list"),
        (("open", "nowhere", "--keys", ".", "--out", "x"), "", "no identity"),
        (("client", "revoke", "nobody"), "", "there is no such client"),
        (("serve", "--door", "back"), "", "a door is one of"),
    ],
)
def test_mistakes_are_answered_with_a_sentence(
    same_stranger: Stranger, arguments: tuple[str, ...], answers: str, sentence: str
) -> None:
    done = same_stranger.run(*arguments, answers=answers)
    assert done.returncode == 1 and sentence in done.stderr and "Traceback" not in done.stderr


def test_a_second_start_keeps_everything_and_makes_no_second_mechanism(tmp_path: Path) -> None:
    stranger = Stranger(tmp_path)
    receipt = new_receipt()
    for attempt in range(2):
        stranger.program.start()
        if attempt == 0:
            files = [(n, (None, v)) for n, v in form_fields(receipt)]
            assert httpx.post(f"{stranger.url}/be/submit", files=files, timeout=60).status_code == 200
        page = httpx.post(f"{stranger.url}/be/return", data={"receipt": digits(receipt)}, timeout=60)
        assert page.status_code == 200 and "Мяне затрымалі." in page.text
        stranger.program.stop()
    assert stranger.run("mechanism", "list").stdout.count("Demonstration mechanism") == 1


def test_mechanism_makes_keys_renews_them_and_the_operator_imports_only_public_halves(tmp_path: Path) -> None:
    settings = Stranger(tmp_path).program.environment

    def run(*arguments: str, answers: str = "") -> Result:
        """In this process: some twenty commands."""
        return CliRunner().invoke(app, list(arguments), input=answers, env=settings)

    keys = tmp_path / "keys"
    made = run("keys", "new", "iapb", "--name", "en=Platform", "--out", str(keys), answers="pass\npass\n")
    assert made.exit_code == 0, made.stderr
    assert b"ENCRYPTED" in (keys / "root.key").read_bytes()
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys.glob("*.key"))
    assert (
        "nothing was changed"
        in run("keys", "new", "iapb", "--name", "en=P", "--out", str(keys), "--no-passphrase").stderr
    )
    run("client", "new", "puller", "--out", str(keys))
    assert "run 'intake migrate'" in run("mechanism", "add", str(keys / "bundle.json")).stderr
    assert run("migrate").exit_code == 0
    assert run("mechanism", "add", str(keys / "bundle.json")).exit_code == 0
    private = run("client", "add", "iapb", str(keys / "puller.client.json"), "--purpose", "archive")
    assert private.exit_code == 1 and "private key" in private.stderr
    public = run("client", "add", "iapb", str(keys / "puller.public.json"), "--purpose", "archive")
    assert public.exit_code == 0, public.stderr

    old = (keys / "bundle.json").read_bytes()
    assert run("keys", "rotate", str(keys), answers="wrong\n").exit_code == 1
    assert run("keys", "rotate", str(keys), answers="pass\n").exit_code == 0
    assert run("mechanism", "add", str(keys / "bundle.json")).exit_code == 0
    (tmp_path / "old.json").write_bytes(old)
    assert "drops or changes a key" in run("mechanism", "add", str(tmp_path / "old.json")).stderr
    other = tmp_path / "other"
    run("keys", "new", "iapb", "--name", "en=Impostor", "--out", str(other), "--no-passphrase")
    assert "another root" in run("mechanism", "add", str(other / "bundle.json")).stderr
