"""The pages for coming back, as `test_pages_static` renders them: each template, and what looks different."""

from types import SimpleNamespace
from typing import Any

from intake.record import consent_texts
from intake.record.consent import OUTCOMES

DAY = "2026-11-23"
EVENTS = (
    *("record.added", "record.revised", "record.opened", "part.downloaded", "access.refused"),
    *("part.downloaded.identity", "part.downloaded.sensitive"),
    *("consent.withdrawn", "message.sent", "standing.set", "record.handed_over", "of.a.later.version"),
)


def samples(
    mechanisms: list[dict[str, Any]], receipt: str, story: str
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name → template and context. `mechanisms` are two, as the form shows them."""
    first, second = (m["id"] for m in mechanisms)
    names = {m["id"]: m["name"] for m in mechanisms}
    base = {"receipt": receipt, "confirmed": True, "seen": 3, "restored": False, "blind": False}
    rows = [
        {"label": "Place", "kind": "text", "text": story},
        *({"label": kind, "kind": kind, "text": ""} for kind in ("unknown", "declined", "yes", "no")),
    ]
    whole = {
        "id": first,
        "name": names[first],
        "purposes": ("reparation", "archive"),
        "classes": ("account", "triage", "identity", "sensitive"),
        "identity": "court",
        "contact": "here",
        "conditions": ("no_death_penalty", "not_to_states"),
        "states": ["Belarus"],
        "expires": "2027-11-23",
        "successor": True,
        "unread": False,
    }
    little = whole | {
        "id": second,
        "name": names[second],
        "classes": ("account",),
        "conditions": (),
        "states": [],
        "expires": None,
        "successor": False,
    }
    text = {"text": story, "capacity": "direct_witness", "day": DAY, "earlier": []}
    section = {
        "title": "Place of detention",
        "day": DAY,
        "answers": [{"title": "Place 1", "rows": rows}, {"title": "", "rows": []}],
        "earlier": [],
    }
    file = {
        "name": "IMG_20200809_VERY_LONG_" + "0" * 60 + ".jpg",
        "type": "image/jpeg",
        "size": 3_400_000,
        "origin": "self",
        "kind": "identity",
        "apart": True,
        "only": [names[first]],
        "day": DAY,
        "rows": rows,
    }
    plain = file | {"name": "голас.ogg", "type": "audio/ogg", "kind": "account", "apart": False, "rows": []}
    standing = SimpleNamespace(standing="in_case", day=DAY, question=True, mechanism=first, origin=None)
    third = SimpleNamespace(
        standing="closed", day=DAY, received=DAY, question=True, mechanism="third", origin=first
    )
    opened = base | {
        "errors": (),
        "day": DAY,
        "sealed_by": "server",
        "texts": [text | {"earlier": [text]}, text | {"capacity": ""}],
        "sections": [section | {"earlier": [section]}, section | {"answers": [], "title": "later"}],
        "files": [file, plain, file | {"only": [], "name": "b"}],
        "problems": 0,
        "consents": [whole, little],
        "names": names,
        "letters": 2,
        "cancellable": False,
        "accesses": [
            {"day": DAY, "mechanism": names[first], "event": e, "purpose": "archive", "other": names[first]}
            | {"roles": ["custodian", "key-holder"] if n % 2 else [], "count": n}
            for n, e in enumerate(EVENTS)
        ],
        "later": [("2026-12-01", 1), ("2026-12-02", 3)],
        "read": {first: DAY},
        "standings": {
            first: standing,
            second: SimpleNamespace(standing="closed", day=DAY, question=False, origin=None),
            "third": third,
        },
        "withdrawals": [
            SimpleNamespace(mechanism=second, day=DAY, outcome=how, answer=said, answered_day=DAY)
            for how, said in zip(OUTCOMES, (None, "deleted", "retained"), strict=True)
        ],
        "deletion": None,
        "waiting": [],
    }
    nothing: dict[str, Any] = {
        "texts": [],
        "sections": [],
        "files": [],
        "consents": [],
        "accesses": [],
        "later": [],
        "read": {},
    }
    emptied = {"blind": True, "sealed_by": "submitter", "consents": [whole | {"unread": True}]}
    asked = SimpleNamespace(id="ab" * 32, mechanism=first, asked_day=DAY, due_day="2026-12-07")
    troubled = opened | {
        "deletion": SimpleNamespace(asked_day=DAY, due_day="2026-12-07"),
        "cancellable": True,
        "waiting": [asked],
        "errors": ("One.",),
        "problems": 1,
        "restored": True,
    }
    letters = [
        (SimpleNamespace(mine=mine, day=DAY, text=said, name="" if mine else "Ганна"), names[first])
        for mine, said in ((False, "Калі?"), (True, story), (False, None))
    ]
    step = {
        "number": 2,
        "day": DAY,
        "sealed_by": "submitter",
        "gone": [names[second]],
        "added": 1,
        "rows": [whole | {"version": "2026-12", "language": "English", "new": True, "less": True}],
    }
    choosing = base | {
        "errors": (),
        "mechanism": mechanisms[0],
        "held": True,
        "unread": False,
        "expires": "2027-11-23",
        "keep": True,
        "values": {"mechanism": [first], f"purpose:{first}": ["archive"]},
        "consent_text": consent_texts.current("en"),
        "shown": "2026-12 ab",
        "ask_identity": True,
    }
    done = base | {"outcomes": [], "left_out": [], "day": DAY}
    outcomes = [(names[first], how, how == "deleted") for how in OUTCOMES]
    return {
        "mailbox": ("mailbox.html", opened),
        "mailbox-emptied": ("mailbox.html", opened | nothing | emptied),
        "mailbox-nothing": ("mailbox.html", opened | nothing | {"standings": {}, "withdrawals": []}),
        "mailbox-troubled": ("mailbox.html", troubled),
        "mailbox-ledger": (
            "mailbox_ledger.html",
            base | {"ledger": [step, step | {"number": 1, "sealed_by": "server", "rows": []}]},
        ),
        "mailbox-consent": (
            "mailbox_consent.html",
            base | {"errors": (), "consents": [whole], "others": [(second, names[second])]},
        ),
        "mailbox-consent-blind": (
            "mailbox_consent.html",
            base | {"errors": ("One.",), "consents": [whole | {"unread": True}], "others": [], "blind": True},
        ),
        "mailbox-choose": ("mailbox_choose.html", choosing),
        "mailbox-choose-unread": ("mailbox_choose.html", choosing | {"unread": True, "values": {}}),
        "mailbox-choose-new": (
            "mailbox_choose.html",
            choosing | {"held": False, "expires": None, "values": {}, "errors": ("One.",)},
        ),
        "mailbox-withdraw": (
            "mailbox_withdraw.html",
            base | {"id": first, "name": names[first], "hold": "Kept, by law."},
        ),
        "mailbox-messages": (
            "mailbox_messages.html",
            base
            | {
                "errors": ("One.",),
                "letters": letters,
                "mechanisms": list(names.items()),
                "values": {"to": [second], "text": [story]},
                "limit": 8000,
            },
        ),
        "mailbox-messages-none": (
            "mailbox_messages.html",
            base
            | {"errors": (), "letters": [], "mechanisms": [], "values": {}, "limit": 8000, "blind": True},
        ),
        "mailbox-forget": ("mailbox_forget.html", base),
        "mailbox-delete": ("mailbox_delete.html", base | {"days": 14, "holders": [names[first]]}),
        "mailbox-chosen": (
            "mailbox_done.html",
            done | {"what": "chosen", "outcomes": outcomes, "left_out": [names[second]]},
        ),
        **{
            f"mailbox-{what}": ("mailbox_done.html", done | {"what": what})
            for what in ("withdrawn", "deletion", "cancelled", "forgotten", "objected")
        },
    }
