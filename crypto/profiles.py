"""A mechanism's profile: what it is, may do, offers and announces, signed by its offline root.

    signature = Ed25519(root, "intake/mechanism-profile/v1" ‖ 00 ‖ JCS(profile without it))

A person chooses a mechanism by what its profile says, and a consent stays tied to that: profiles are
numbered from 1, a newer one stands beside the older ones, and what counts is the hash of the canonical
bytes. `docs/wire.md`, "Mechanism profile", has the meaning of each field.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crypto import checks, primitives
from crypto.compartments import CLASSES
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_json
from crypto.errors import FormatError, VerifyError
from crypto.primitives import SigningKey
from crypto.statement import PURPOSES

CONDITIONS = ("no_death_penalty", "not_to_states", "ask_first")
FIELDS = (
    "mechanism version day mandate purposes compartments conditions contact hold note questions"
    " continues continued_by delay_days closes"
)  # what is signed, besides `v` and `root`
MAX_BYTES = 256 * 1024
MAX_QUESTIONS = 64 * 1024  # bytes of their canonical JSON
MAX_TEXT = 4000  # characters
MAX_DELAY = 365  # days
_DOMAIN = b"intake/mechanism-profile/v1\0"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Line breaks are fine; other controls, and what makes a text read in another order than it stands, not.
_UNSEEN = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

Texts = Mapping[str, str]  # language tag → text; English is always there


@dataclass(frozen=True, slots=True)
class Profile:
    """A verified profile, or a plain one (version 0) of a mechanism that has none.

    `day` is when it was published, `closes` the last day on which the mechanism takes anything new;
    `hold` announces that withdrawn material which was opened before is kept locked. `questions` is JSON
    that `crypto` does not look into. `sha256` (hex) is of `raw`, the canonical bytes.
    """

    mechanism: str
    version: int
    day: str | None
    mandate: Texts
    purposes: tuple[str, ...]
    compartments: tuple[str, ...]
    conditions: tuple[str, ...]
    contact: bool
    hold: Texts | None
    note: Texts | None
    questions: tuple[Json, ...]
    continues: tuple[str, ...]
    continued_by: str | None
    delay_days: int
    closes: str | None
    root: bytes | None
    sha256: str | None
    raw: bytes

    @staticmethod
    def plain(mechanism: str) -> "Profile":
        """For a mechanism without a profile: every purpose and class, and nothing announced.

        It may be allowed to write to the person: unlike a condition, that needs no promise of its own.
        """
        return Profile(
            mechanism=mechanism,
            version=0,
            day=None,
            mandate={},
            purposes=PURPOSES,
            compartments=CLASSES,
            conditions=(),
            contact=True,
            hold=None,
            note=None,
            questions=(),
            continues=(),
            continued_by=None,
            delay_days=0,
            closes=None,
            root=None,
            sha256=None,
            raw=b"",
        )

    @staticmethod
    def text(texts: Texts | None, language: str) -> str:
        """`mandate`, `hold` or `note` in this language, else in English; "" if there is none."""
        return (texts.get(language) or texts["en"]) if texts else ""

    def takes_on(self, day: str) -> bool:
        """Whether the mechanism takes new testimonies on this day (`YYYY-MM-DD`)."""
        return self.closes is None or day <= self.closes

    def fields(self) -> dict[str, Json]:
        """What was signed, by name, without version of the format, root and signature."""
        return {name: _json(getattr(self, name)) for name in FIELDS.split()}


def sign_profile(
    root: SigningKey,
    *,
    mechanism: str,
    version: int,
    day: str,
    mandate: Texts,
    purposes: Sequence[str] = PURPOSES,
    compartments: Sequence[str] = CLASSES,
    conditions: Sequence[str] = (),
    contact: bool = False,
    hold: Texts | None = None,
    note: Texts | None = None,
    questions: Sequence[Json] = (),
    continues: Sequence[str] = (),
    continued_by: str | None = None,
    delay_days: int = 0,
    closes: str | None = None,
) -> bytes:
    """The profile as canonical JSON. `FormatError` if it would not be accepted."""
    fields = {
        "mechanism": mechanism,
        "version": version,
        "day": day,
        "mandate": _json(mandate),
        "purposes": list(purposes),
        "compartments": list(compartments),
        "conditions": list(conditions),
        "contact": contact,
        "hold": _json(hold),
        "note": _json(note),
        "questions": list(questions),
        "continues": list(continues),
        "continued_by": continued_by,
        "delay_days": delay_days,
        "closes": closes,
    }
    return sign_fields(root, fields)


def sign_fields(root: SigningKey, fields: Mapping[str, Json]) -> bytes:
    """`sign_profile` for what was written as JSON: exactly `FIELDS`, of any value, and checked here."""
    body = {"v": 1, **fields, "root": b64u_encode(root.public)}
    signature = root.sign(_DOMAIN + canonical_json(body))
    data = canonical_json(body | {"signature": b64u_encode(signature)})
    verify_profile(data, root.public)
    return data


def verify_profile(data: bytes, root: bytes | None = None) -> Profile:
    """Parse a profile and check its signature; `FormatError` or `VerifyError`.

    With `root` (32 bytes) it must be signed by that key. Without, the caller checks `Profile.root`.
    """
    if len(data) > MAX_BYTES:
        raise FormatError("the profile is too long")
    top = checks.exactly(parse_json(data), f"v {FIELDS} root signature")
    checks.version(top["v"], "profile's format")
    key, signature = b64u_decode(top["root"], 32), b64u_decode(top["signature"], 64)
    body = {name: value for name, value in top.items() if name != "signature"}
    primitives.verify_signature(key, signature, _DOMAIN + canonical_json(body))
    if root is not None and key != root:
        raise VerifyError("the profile is signed by another root")
    raw = canonical_json(top)
    profile = Profile(
        mechanism=checks.text(top["mechanism"], checks.SLUG),
        version=checks.positive(top["version"]),
        day=checks.text(top["day"], checks.DAY),
        mandate=_texts(top["mandate"]),
        purposes=_some(top["purposes"], PURPOSES),
        compartments=_some(top["compartments"], CLASSES),
        conditions=_some(top["conditions"], CONDITIONS),
        contact=checks.boolean(top["contact"]),
        hold=None if top["hold"] is None else _texts(top["hold"]),
        note=None if top["note"] is None else _texts(top["note"]),
        questions=_questions(top["questions"]),
        continues=_mechanisms(top["continues"]),
        continued_by=None if top["continued_by"] is None else checks.text(top["continued_by"], checks.SLUG),
        delay_days=_delay(top["delay_days"]),
        closes=None if top["closes"] is None else checks.text(top["closes"], checks.DAY),
        root=key,
        sha256=primitives.sha256(raw).hex(),
        raw=raw,
    )
    _check_sense(profile)
    return profile


def _check_sense(profile: Profile) -> None:
    if not profile.purposes:
        raise FormatError("a profile offers at least one purpose")
    if "account" not in profile.compartments:
        raise FormatError("a profile offers the class account: it is what every testimony has")
    if profile.mechanism in (*profile.continues, profile.continued_by):
        raise FormatError("a mechanism does not continue itself")
    if profile.continued_by in profile.continues:
        raise FormatError("two mechanisms do not continue each other")


def _texts(value: Json) -> dict[str, str]:
    if not isinstance(value, dict) or "en" not in value or len(value) > 50:
        raise FormatError("a text is given by language, and at least in English")
    for language, text in value.items():
        checks.text(language, _LANGUAGE)
        if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT or _UNSEEN.search(text):
            raise FormatError(f"a text is 1 to {MAX_TEXT} characters that can be seen")
    return value


def _some(value: Json, allowed: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(checks.one_of(item, allowed) for item in checks.items(value, len(allowed)))
    return _each_once(found)


def _mechanisms(value: Json) -> tuple[str, ...]:
    return _each_once(tuple(checks.text(item, checks.SLUG) for item in checks.items(value, 50)))


def _each_once(found: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(found)) != len(found):
        raise FormatError("a list names something twice")
    return found


def _questions(value: Json) -> tuple[Json, ...]:
    found = tuple(checks.items(value, 1000))
    if len(canonical_json(value)) > MAX_QUESTIONS:
        raise FormatError(f"the questions are longer than {MAX_QUESTIONS // 1024} KiB")
    return found


def _delay(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_DELAY:
        raise FormatError(f"accesses are shown 0 to {MAX_DELAY} days later")
    return value


def _json(value: Any) -> Json:
    """Mappings and tuples as JSON has them."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
