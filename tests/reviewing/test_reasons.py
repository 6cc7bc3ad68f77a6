"""A reviewer gives a reason in words: an entry of their own in the record's workspace, and no other."""

from tests.reviewing.desks import assign, desk
from tests.reviewing.people import a_record
from tests.service import Service, on_every_database_in_time
from tests.staff import Staff


@on_every_database_in_time
def test_a_reviewer_names_an_entry_of_their_own_about_this_record(service: Service, photo: bytes) -> None:
    staff = Staff(service)
    rita, bela = staff.member("reviewer", id="rita"), staff.member("reviewer", id="bela")
    record, other = (a_record(service, photo=photo).record for _ in range(2))
    for each in (record, other):
        assign(service, each, rita, bela)
    place = desk(staff, rita, record).begin(bela)
    own, theirs = place.write(), place.of(bela).write()
    elsewhere = desk(staff, rita, other).begin(bela).write()

    def ask(entry: str) -> str | None:
        asked = {"classes": ["identity"], "reason": "contact", "entry": entry}
        answer = rita.post(f"/records/{record}/identity-requests", asked)
        return str(answer.json()["id"] if answer.status_code == 200 else answer.json()["code"])

    for entry in (theirs, elsewhere, "ab" * 16):
        assert ask(entry) == "entry_unknown"
    asked = ask(own)
    (waits,) = rita.get("/identity-requests").json()["requests"]
    assert (waits["id"], waits["entry"]) == (asked, own)
