"""The mechanism that `intake run` makes for trying things out: keys, a profile, a program."""

import json
from pathlib import Path

from sqlalchemy import Connection

from crypto.compartments import CLASSES
from crypto.encoding import canonical_json
from crypto.membership import CUSTODIAN, KEY_HOLDER, Membership
from crypto.profiles import CONDITIONS
from crypto.statement import PURPOSES
from crypto.wraps import encode_wraps
from intake.audit import log
from intake.audit.events import Event
from intake.client import mechanism_keys, pull, recovery, staff
from intake.client.wraps import Keys, reader
from intake.client.wraps import make as make_wraps
from intake.errors import IntakeError
from intake.installation import Installation
from intake.people import clients, drills, enrolment, mechanisms, memberships, profiles, wraps

_ID = "demo"
_NAMES = {
    "en": "Demonstration mechanism",
    "be": "Дэманстрацыйны механізм",
    "ru": "Демонстрационный механизм",
}
_PROFILE = {
    "mandate": {
        "en": "This organisation does not exist. It shows what this site can do: its keys are on the same"
        " machine, so whatever you send to it is not protected. Please send nothing that is real.",
        "be": "Гэтай арганізацыі не існуе. Яна паказвае, што ўмее гэты сайт: яе ключы ляжаць на той самай"
        " машыне, таму тое, што вы ёй адправіце, не абаронена."
        " Калі ласка, не адпраўляйце нічога сапраўднага.",
        "ru": "Этой организации не существует. Она показывает, что умеет этот сайт: её ключи лежат на той же"
        " машине, поэтому то, что вы ей отправите, не защищено."
        " Пожалуйста, не отправляйте ничего настоящего.",
    },
    "purposes": list(PURPOSES),
    "compartments": list(CLASSES),
    "conditions": list(CONDITIONS),
    "contact": True,
    "hold": {
        "en": "To show how this looks: if you withdraw your consent after this organisation has opened your"
        " testimony, it stays locked here, and is released to nobody.",
        "be": "Каб паказаць, як гэта выглядае: калі вы адклічаце згоду пасля таго, як гэтая арганізацыя"
        " адкрыла ваша сведчанне, яно застанецца тут замкнутым, і нікому яго не выдадуць.",
        "ru": "Чтобы показать, как это выглядит: если вы отзовёте согласие после того, как эта организация"
        " открыла ваше свидетельство, оно останется здесь запертым, и никому его не выдадут.",
    },
    "note": None,
    "questions": [
        {
            "id": "heard_of_us",
            "type": "line",
            "label": {
                "en": "How did you hear of this site?",
                "be": "Адкуль вы даведаліся пра гэты сайт?",
                "ru": "Откуда вы узнали об этом сайте?",
            },
        }
    ],
    "continues": [],
    "continued_by": None,
    "delay_days": 0,
    "closes": None,
}


def make(found: Installation, keys: Path) -> bool:
    """Make what is missing, with all keys in this folder. Never in production.

    Nothing, and False, if there are other mechanisms, or the demonstration is complete.
    """
    with found.database.read() as connection:
        offered = profiles.newest(connection)
    first = not offered
    if not first and (set(offered) != {_ID} or offered[_ID].version or not (keys / "root.key").exists()):
        return False
    if not (keys / "root.key").exists():
        mechanism_keys.create(keys, _ID, _NAMES, days=365, passphrase=None)
    if not (keys / "profile-1.json").exists():
        mechanism_keys.profile(keys, canonical_json(_PROFILE), None)
    if not (keys / "demo-client.client.json").exists():
        pull.new_client("demo-client", keys)
    if recovery.recipient_of(keys) is None:
        recovery.split(keys, keys / "shares")
    public = json.loads((keys / "demo-client.public.json").read_text())
    with found.database.write() as connection:
        if first:
            mechanisms.add(connection, (keys / "bundle.json").read_bytes())
            purposes = list(PURPOSES)
            clients.add(connection, "demo-client", _ID, public["key"], purposes, public.get("witness"))
            _drill(connection, keys)
        profiles.add(connection, (keys / "profile-1.json").read_bytes())
    return first


def admit(found: Installation, keys: Path) -> tuple[list[Membership], dict[str, IntakeError]]:
    """Everybody who has applied is signed, admitted and given the keys of their roles; and who was not, with
    the reason. Never in production: nobody compares a fingerprint, and the root is where the service is.
    """
    with found.database.read() as connection:
        waiting = enrolment.waiting(connection, _ID)
    admitted: list[Membership] = []
    refused: dict[str, IntakeError] = {}
    for one in waiting:
        asked = staff.read_request(one.request.raw)
        _, membership, card = staff.admit(keys, asked, list(one.roles), one.days, None)
        path = keys / f"{asked.member}.card.json"
        path.write_bytes(card)
        own = Keys.load(keys)
        sealed = make_wraps(own, [reader(path, own.bundle.root)])
        try:
            with found.database.write() as connection:
                enrolment.admit(connection, _ID, card)
                log.append(connection, _ID, Event.MEMBER_ADMITTED, subject=asked.member)
                if sealed:
                    wraps.add(connection, _ID, encode_wraps(sealed))
        except IntakeError as error:  # the others are not kept waiting
            refused[asked.member] = error
        else:
            admitted.append(membership)
    return admitted, refused


def founded(connection: Connection) -> bool:
    """Whether two members have to agree before somebody gets keys."""
    return enrolment.needs_second(memberships.everyone(connection, _ID), [KEY_HOLDER])


def holds(membership: Membership) -> bool:
    """Whether the rule of two is for somebody with these roles."""
    return bool({KEY_HOLDER, CUSTODIAN} & set(membership.roles))


def _drill(connection: Connection, keys: Path) -> None:
    """Bring the keys back with two of the shares, as a mechanism's people have to before they are asked."""
    sealed = recovery.make(keys, Keys.load(keys))
    wraps.add(connection, _ID, encode_wraps(sealed))
    sheets = [(path.name, path.read_text("utf-8")) for path in sorted((keys / "shares").glob("share-*.txt"))]
    challenge = drills.ask(connection, _ID)
    drills.finish(connection, _ID, recovery.answer(challenge, sealed, recovery.combine(sheets[:2])))
