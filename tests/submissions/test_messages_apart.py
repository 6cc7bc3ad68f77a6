"""Two mechanisms with one record: the messages of each are counted by themselves."""

from dataclasses import replace
from pathlib import Path

import pytest

from intake.client.api import ApiError
from intake.submissions import messages
from intake.upkeep.check import check
from tests.casework import case, make_member, own_case, register_member, registered_member
from tests.service import Service, make_mechanism, on_every_database_in_time, prepared, register

pytestmark = on_every_database_in_time


def test_messages_are_numbered_and_limited_for_each_mechanism_by_itself(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MAX_EACH_WAY", 2)
    anna = registered_member(service, tmp_path)
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    oleg = make_member(tmp_path, other, "oleg")
    register_member(service, oleg)
    testimony = prepared(tmp_path / "testimony", {})
    both = (*testimony.consent, replace(testimony.consent[0], mechanism="other"))
    receipt, sent = service.submit(replace(testimony, consent=both))
    service.pull(tmp_path / "pulled")
    service.pull(tmp_path / "theirs", other)
    record, same = (tmp_path / out / "records" / sent.record for out in ("pulled", "theirs"))
    with (
        own_case(service, receipt) as own,
        case(service, record) as mine,
        case(service, same, other) as theirs,
    ):
        for number in range(2):
            theirs.reply(oleg, str(number), "be")
            own.send("other", str(number), "be")
        with pytest.raises(ApiError, match="messages_full"):
            own.send("other", "one more", "be")
        own.send("demo", "and still", "be")
        mine.reply(anna, "this", "be")
        assert [m.number for m in mine.read().messages] == [1, 2]
        assert [m.number for m in theirs.read().messages] == [1, 2, 3, 4]
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=False)) == []
