"""Settings and logs: what an operator sees, and what nobody may ever see in them."""

import json
import logging
import re
from pathlib import Path

import pytest

from intake import logs, settings
from intake.errors import ConfigurationError
from tests.service import Service, digits, form_fields, new_receipt


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PUBLIC_URL", "example.org"),
        ("PUBLIC_URL", "https://example.org/"),
        ("MAX_FILE_MIB", "-1"),
        ("PLAIN_FORM", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
        ("WORKERS", "4"),
        ("MERGE_MIN_HOURS", "48"),
    ],
)
def test_operator_is_told_which_setting_is_wrong(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"INTAKE_{name}", value)
    with pytest.raises(ConfigurationError) as error:
        settings.load()
    assert name.lower() in str(error.value).lower()


def test_settings_cannot_change_after_they_were_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.load().port = 1


def test_every_setting_is_in_the_operators_table() -> None:
    table = (Path(__file__).parent.parent / "docs" / "operating.md").read_text("utf-8")
    documented = set(re.findall(r"`([A-Z0-9_]+)`", table))
    fields = {name.upper() for name in settings.Settings.model_fields}
    assert fields <= documented and all(info.description for info in settings.Settings.model_fields.values())


def test_logs_keep_kind_and_place_of_an_error_and_none_of_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = logging.getLogger().handlers[:]
    try:
        logs.configure("DEBUG")
        try:
            raise ValueError("1.2.3.4 sent 'Мяне затрымалі' under 0001 0002")
        except ValueError as error:
            logs.event("broken", logging.ERROR, error=error, status=500)
            logging.getLogger("uvicorn.error").error("client %s said %s", "1.2.3.4", "secret", exc_info=True)
            logging.getLogger("uvicorn.access").info("1.2.3.4 GET /be/return")
    finally:
        logging.getLogger().handlers[:] = before
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for line in lines:
        value = json.loads(line)
        assert len(value["hour"]) == 13 and value["error"][0] == "ValueError"
        assert "test_settings.py" in value["error"][1]
        assert not any(word in line for word in ("1.2.3.4", "затрымалі", "0001", "secret"))


def test_a_submission_that_succeeds_logs_nothing(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receipt = new_receipt()
    service.send_form(form_fields(receipt))
    service.http.post(f"{service.url}/be/return", data={"receipt": digits(receipt)})
    assert [r for r in caplog.records if r.name.startswith("intake")] == []
