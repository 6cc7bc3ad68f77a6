"""Equal media: told after the merge, of records that one sees, and of what is open to one in both."""

import re
from pathlib import Path

from sqlalchemy import delete, insert, select, update

from intake.audit.events import Event
from intake.db.tables import submissions as t
from intake.db.tables.review import member_grants
from tests.http.test_feed import entries
from tests.reviewing.desks import assign
from tests.service import FILES, Service, on_every_database_in_time, prepared
from tests.staff import Staff

pytestmark = on_every_database_in_time
PHOTO = {"photo.jpg": (FILES / "phone.jpg").read_bytes()}  # small ones are never merged


def test_a_reviewer_is_told_which_of_their_records_carry_the_same_photo(
    service: Service, tmp_path: Path
) -> None:
    records = [service.submit(prepared(tmp_path / str(n), PHOTO))[1].record for n in range(3)]
    other = service.submit(prepared(tmp_path / "other", {"b.jpg": b"\xff\xd8\xff another"}))[1].record
    staff = Staff(service)
    anna, kim = staff.member("reviewer", id="anna"), staff.member("key-holder", id="kim")
    assign(service, records[0], anna)
    assign(service, records[1], anna)
    assign(service, other, anna)
    path = f"/records/{records[0]}/same-media"
    assert anna.get(path).json() == {"media": [], "waiting": 1}  # the merge has not been there
    assert anna.get(f"/records/{other}/same-media").json() == {"media": [], "waiting": 1}
    service.installation.payloads.maintain(merge_now=True)
    assert anna.get(path).json()["waiting"] == 0

    (same,) = anna.get(path).json()["media"]
    assert same["record"] == records[1] and re.fullmatch(r"\d{4}-W\d\d", same["week"])
    with service.owner.read() as connection:
        kind = select(t.parts.c.record, t.parts.c.kind).where(t.parts.c.id == same["other"])
        assert tuple(connection.execute(kind).one()) == (records[1], "medium")
    assert (entries(service)[-1].event, entries(service)[-1].record) == (Event.SAME_MEDIA_LISTED, records[0])
    assert {m["record"] for m in kim.get(path).json()["media"]} == set(records[1:])
    assert anna.get(f"/records/{other}/same-media").json()["media"] == []
    assert anna.get(f"/records/{records[2]}/same-media").status_code == 404

    sealed = (member_grants.c.record == records[1]) & (member_grants.c.member == "anna")
    with service.owner.write() as connection:  # an account that is assigned, and was not sealed to her yet
        kept = [row._asdict() for row in connection.execute(select(member_grants).where(sealed))]
        connection.execute(delete(member_grants).where(sealed))
    assert anna.get(path).json()["media"] == []
    with service.owner.write() as connection:  # as if the photo showed who the person is, and that was opened
        connection.execute(insert(member_grants), kept)
        here = (t.compartments.c.record == records[1]) & (t.compartments.c["class"] == "account")
        connection.execute(update(t.compartments).where(here).values({"class": "identity"}))
    assert [m["record"] for m in anna.get(path).json()["media"]] == [records[1]]
    assert kim.get(path).json()["media"] != [] and records[1] not in kim.get(path).text
    with service.owner.write() as connection:
        connection.execute(update(t.compartments).values({"class": "account"}))
        connection.execute(update(t.grants).where(t.grants.c.record == records[1]).values(locked=True))
    assert anna.get(path).json()["media"] == []
