"""An operator checks who may enter: by the root's signature, and as the mechanism's log says."""

import pytest
from sqlalchemy import delete, update

from crypto.encoding import canonical_json, parse_canonical_json
from crypto.primitives import SigningKey
from intake.db.tables.audit import log_entries
from intake.db.tables.staff import memberships
from intake.people import leaving
from intake.upkeep import check_people
from tests.service import Service, on_every_database_in_time
from tests.staff import Staff


def findings(service: Service) -> list[str]:
    return [one.what for one in check_people.check(service.owner)]


@on_every_database_in_time
def test_an_operator_finds_nothing_where_members_came_and_went(service: Service) -> None:
    staff = Staff(service)
    for roles in (("administrator",), ("reviewer", "custodian"), ("key-holder",)):
        staff.member(*roles)
    with service.installation.database.write() as connection:
        leaving.remove(connection, "demo", staff.people[1].member)
    assert findings(service) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("forged", "does not hold"),
        ("moved", "another one than the row says"),
        ("unlogged", "missing in its log"),
        ("longer", "missing in its log"),
        ("back", "ended by its log"),
        ("out", "not ended by its log"),
    ],
)
def test_an_operator_finds_a_membership_that_somebody_made_up(
    service: Service, damage: str, said: str
) -> None:
    staff = Staff(service)
    anna, bela = staff.member("reviewer", id="anna"), staff.member("reviewer", id="bela")
    here = memberships.c.member == "anna"
    with service.owner.write() as connection:
        if damage == "forged":
            staff.root = SigningKey(bytes(32))
            request = staff.request(anna.keys)
            forged = parse_canonical_json(staff.sign(request, ["key-holder"]))["membership"]
            connection.execute(update(memberships).where(here).values(document=canonical_json(forged)))
        elif damage == "moved":
            connection.execute(update(memberships).where(here).values(document=bela.keys.membership.raw))
        elif damage == "unlogged":
            connection.execute(delete(log_entries).where(log_entries.c.event == "membership.added"))
        elif damage == "longer":  # signed by the root, and put there behind everybody's back
            longer = parse_canonical_json(staff.sign(staff.request(anna.keys), ["reviewer"], 300))[
                "membership"
            ]
            connection.execute(update(memberships).where(here).values(document=canonical_json(longer)))
        elif damage == "back":
            leaving.remove(connection, "demo", "anna")
            connection.execute(update(memberships).where(here).values(removed_day=None))
        else:
            connection.execute(update(memberships).where(here).values(removed_day="2026-11-01"))
    assert any("the membership of anna" in text and said in text for text in findings(service))
