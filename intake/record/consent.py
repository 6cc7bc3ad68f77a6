"""What a person allows one mechanism: a choice, as it is made, sealed, and read again.

A choice is enforced by keys (the audience of a statement), named in the clear as far as the service has
to act on it (`ConsentEntry`), and written down whole in a sealed part of kind `consent` that the
mechanism and the receipt can open: `docs/wire.md`, "Consent".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crypto import checks
from crypto.bundles import Bundle
from crypto.compartments import CLASSES
from crypto.encoding import Json
from crypto.errors import FormatError
from crypto.profiles import CONDITIONS, Profile
from crypto.statement import PURPOSES, ConsentEntry
from intake.record.consent_texts import ConsentText

IDENTITY_USES = ("closed", "mechanism", "court", "public")  # who may learn the name, at the most
CONTACTS = ("never", "here", "safe_channel")  # by messages of this service; by what `contact` says
OUTCOMES = ("destroyed", "deleted", "locked")  # never opened; opened; opened and under a legal hold
ANSWERS = ("deleted", "retained", "court")  # what a mechanism says became of what it had read


class ConsentError(ValueError):
    """A choice cannot be followed. `code` is stable; `values` fill in its text."""

    def __init__(self, code: str, detail: str, **values: str) -> None:
        super().__init__(detail)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Choice:
    """Purposes and scope (compartment classes) for one mechanism, with conditions. `expires` is a day.

    `identity` and `contact` are None where the person gave no answer: then nothing is allowed, and the
    sealed part has no such field, so that nobody reads as a refusal what was never said. `states` (ISO
    3166 alpha-2) goes with the condition `not_to_states`; `answers` are the mechanism's own questions, by
    their ids.
    """

    mechanism: str
    purposes: tuple[str, ...]
    classes: tuple[str, ...] = ("account",)
    expires: str | None = None
    successor: bool = False
    identity: str | None = None
    contact: str | None = None
    conditions: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    answers: Mapping[str, Json] = field(default_factory=dict)

    def fields(self, text: ConsentText, profile: Profile, root: str | None) -> dict[str, Json]:
        """The sealed part, with what was shown to the person. `root`: the mechanism's fingerprint (hex).

        Whoever signs as this mechanism later has to have a certificate by the root that was shown here.
        """
        answered = {"identity": self.identity, "contact": self.contact}
        return {
            "mechanism": self.mechanism,
            "purposes": list(self.purposes),
            "classes": list(self.classes),
            "expires": self.expires,
            "successor": self.successor,
            **{name: answer for name, answer in answered.items() if answer is not None},
            "conditions": list(self.conditions),
            "states": list(self.states),
            "answers": dict(self.answers),
            "text": {"version": text.version, "language": text.language, "sha256": text.sha256},
            "profile": {"version": profile.version, "sha256": profile.sha256, "root": root},
        }

    @classmethod
    def parse(cls, fields: Mapping[str, Json]) -> "Choice":
        """From a sealed part; fields of a later version are passed over. `FormatError` for other content."""
        try:
            answers = fields.get("answers", {})
            if not isinstance(answers, dict):
                raise FormatError("answers are named")
            return cls(
                mechanism=checks.text(fields["mechanism"], checks.SLUG),
                purposes=tuple(str(p) for p in checks.items(fields["purposes"], 50)),
                classes=tuple(str(c) for c in checks.items(fields["classes"], 50)),
                expires=None if fields["expires"] is None else checks.text(fields["expires"], checks.DAY),
                successor=checks.boolean(fields["successor"]),
                identity=_answer(fields.get("identity")),
                contact=_answer(fields.get("contact")),
                conditions=tuple(str(c) for c in checks.items(fields.get("conditions", []), 50)),
                states=tuple(str(s) for s in checks.items(fields.get("states", []), 300)),
                answers=answers,
            )
        except KeyError as error:
            raise FormatError(f"a consent lacks {error}") from error

    def entry(self, text: ConsentText) -> ConsentEntry:
        """What the statement says of it, in the clear."""
        purposes = tuple(p for p in PURPOSES if p in self.purposes)
        return ConsentEntry(
            self.mechanism, purposes, self.expires, self.successor, text.version, text.language, text.sha256
        )


def check(choice: Choice, bundle: Bundle | None, profile: Profile, language: str, today: str) -> None:
    """`ConsentError` unless the mechanism offers what is chosen, and can be sealed to today."""
    if bundle is None:
        raise ConsentError("mechanism_unknown", f"unknown, or takes nothing now: {choice.mechanism}")
    name = bundle.names.get(language, bundle.names["en"])
    if not choice.purposes:
        raise ConsentError("purpose_missing", f"no purpose for {choice.mechanism}", mechanism=name)
    unknown = (
        (set(choice.purposes) - set(profile.purposes))
        | (set(choice.classes) - set(profile.compartments))
        | (set(choice.conditions) - set(profile.conditions))
    )
    known = choice.identity in (None, *IDENTITY_USES) and choice.contact in (None, *CONTACTS)
    known = known and "account" in choice.classes
    if unknown or not known or (choice.contact == "here" and not profile.contact):
        raise ConsentError(
            "consent_not_offered",
            f"{choice.mechanism} does not offer: {', '.join(sorted(unknown)) or 'this'}",
            mechanism=name,
        )
    if ("not_to_states" in choice.conditions) != bool(choice.states):
        raise ConsentError("states_missing", "the condition and its states go together", mechanism=name)
    if choice.expires is not None and choice.expires < today:
        raise ConsentError("consent_expired", "the consent ends before it begins", mechanism=name)
    if any(bundle.key_for(kind, today) is None for kind in choice.classes):
        raise ConsentError("mechanism_closed", f"{choice.mechanism} has no valid key", mechanism=name)


def _answer(value: Json) -> str | None:
    return None if value is None else str(value)


__all__ = ["ANSWERS", "CLASSES", "CONDITIONS", "CONTACTS", "IDENTITY_USES", "OUTCOMES", "Choice", "check"]
