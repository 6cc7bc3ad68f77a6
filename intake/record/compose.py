"""From what a person says and allows to a signed record: the same for the form and for the client.

    composer = Composer(writer, known, profiles, text, today, choices)
    composer.narrative(…); composer.section(…)          parts, to be sent
    composed = composer.finish()                         audience, consents, grants to write

For a later revision the composer is given what is there already (`Earlier`). A compartment takes new
parts only if nobody who ever held its key is to be kept from them; else its next generation does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from crypto.age_keys import Recipient
from crypto.bundles import Bundle
from crypto.compartments import CLASSES, Compartment
from crypto.encoding import Json
from crypto.profiles import Profile
from crypto.record_writer import RecordWriter, SealedPart
from crypto.statement import AudienceEntry, ConsentEntry, Statement, statement_hash
from crypto.withdrawal import CONSENT, Withdrawal
from intake.record import consent, questions, sections, triage
from intake.record.consent import IDENTITY_USES, Choice, ConsentError
from intake.record.consent_texts import ConsentText
from intake.record.opened import REVISES, OpenedRecord


@dataclass(frozen=True, slots=True)
class Earlier:
    """The record as it is: opened with the receipt, and who was ever granted which compartment.

    `gone` are mechanisms that the statement names, and whose consent was taken back without another one
    (by members, or with a restored receipt): the next revision leaves them out.
    """

    opened: OpenedRecord
    granted: Mapping[str, set[str]]
    gone: frozenset[str] = frozenset()

    @property
    def statement(self) -> Statement:
        """Of the newest revision."""
        return self.opened.reader.statement

    def choices(self) -> dict[str, Choice]:
        """What holds, by mechanism: never more than what both the sealed choice and the statement say.

        Of those in `unread` only what the statement says is known.
        """
        held = self.opened.choices()
        return {
            c.mechanism: self._both(held[c.mechanism][0], c) if c.mechanism in held else self._clear(c)
            for c in self.statement.consent
            if c.mechanism not in self.gone
        }

    @property
    def unread(self) -> frozenset[str]:
        """Whose sealed choice is not open here: that contact, name and conditions are empty says nothing."""
        return frozenset(c.mechanism for c in self.statement.consent) - self.opened.choices().keys()

    def _both(self, choice: Choice, entry: ConsentEntry) -> Choice:
        days = [day for day in (choice.expires, entry.expires) if day is not None]
        kinds = {c.id: c.kind for c in self.statement.compartments}
        holds = {kinds[a.compartment] for a in self.statement.audience if a.mechanism == entry.mechanism}
        held = {kinds[c] for c, who in self.granted.items() if entry.mechanism in who and c in kinds}
        return replace(
            choice,
            purposes=tuple(p for p in choice.purposes if p in entry.purposes),
            classes=tuple(c for c in choice.classes if c in holds or c not in held),
            expires=min(days, default=None),
            successor=choice.successor and entry.successor,
        )

    def _clear(self, entry: ConsentEntry) -> Choice:
        kinds = {c.id: c.kind for c in self.statement.compartments}
        granted = {kinds[a.compartment] for a in self.statement.audience if a.mechanism == entry.mechanism}
        classes = tuple(c for c in CLASSES if c in granted)
        return Choice(entry.mechanism, entry.purposes, classes, entry.expires, entry.successor)


@dataclass(frozen=True, slots=True)
class Composed:
    """What goes into the statement; `readers` are (compartment, key) of the grants still to be written.

    `left_out` are mechanisms whose consent goes on, and to which nothing new can be sealed today.
    """

    audience: list[AudienceEntry]
    consent: list[ConsentEntry]
    readers: list[tuple[str, Recipient]]
    withdrawals: list[Withdrawal]
    left_out: frozenset[str] = frozenset()


@dataclass
class Composer:
    """One revision being composed. `today` is a day; `choices` are all that hold from now on."""

    writer: RecordWriter
    known: Mapping[str, Bundle]
    profiles: Mapping[str, Profile]
    text: ConsentText
    today: str
    choices: Sequence[Choice]
    earlier: Earlier | None = None
    parts: list[SealedPart] = field(default_factory=list)
    _apart: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)
    _held: dict[str, Choice] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._held = self.earlier.choices() if self.earlier else {}
        for choice in self.choices:
            if self._allowed_before(choice):
                continue  # goes on as it was, or less, even if the mechanism takes nothing new
            profile = self.profile(choice.mechanism)
            consent.check(choice, self.known.get(choice.mechanism), profile, self.text.language, self.today)
        if len({c.mechanism for c in self.choices}) != len(self.choices):
            raise ConsentError("malformed", "a mechanism is named twice")
        if self.earlier:
            self._reuse(self.earlier)

    def profile(self, mechanism: str) -> Profile:
        """The mechanism's, or the plain one of those that have none."""
        return self.profiles.get(mechanism) or Profile.plain(mechanism)

    def narrative(self, text: str, capacity: str, language: str, revises: str | None = None) -> SealedPart:
        """A free text, in the account's compartment."""
        values: dict[str, Json] = {"text": text, "language": language, "capacity": capacity}
        return self._add("narrative", self.writer.compartment("account"), _revising(values, revises))

    def section(self, section: str, value: Json, revises: str | None = None) -> SealedPart:
        """A block of the record, in the compartment that is its own."""
        values = _revising(sections.to_fields(section, value), revises)
        return self._add("section", self.writer.compartment(questions.section(section).compartment), values)

    def triage(
        self, capacity: str, language: str, media: int, said: Mapping[str, Json], revises: str | None = None
    ) -> SealedPart:
        """The card that is sorted and counted by."""
        card = triage.card(language=language, capacity=capacity, media=media, sections=said)
        return self._add("triage", self.writer.compartment("triage"), _revising(card, revises))

    def medium(self, kind: str, name: str = "", only: Sequence[str] = ()) -> Compartment:
        """Where a medium of this class goes: with the others, or apart (`name`) for `only` these."""
        if name:
            self._apart[name] = tuple(only)
        return self.writer.compartment(kind, name)

    def finish(self) -> Composed:
        """Seal the choices, and say who is granted what."""
        self._consent_parts()
        before = (
            {(a.mechanism, a.compartment): a for a in self.earlier.statement.audience} if self.earlier else {}
        )
        audience: list[AudienceEntry] = []
        readers: list[tuple[str, Recipient]] = []
        left_out: set[str] = set()
        choices = {c.mechanism: c for c in self.choices}
        for mechanism, compartment, kind in self._wanted():
            entry = before.get((mechanism, compartment))
            if entry is None:
                if compartment not in self.writer.grantable:
                    continue  # a receipt that gave up reading: nobody can be added
                recipient = self._key(mechanism, kind)
                goes_on = self._allowed_before(choices[mechanism])
                if goes_on and not (recipient and self._holds(choices[mechanism])):
                    left_out.add(mechanism)
                    continue
                if recipient is None:
                    raise self._closed(mechanism)
                entry = AudienceEntry(mechanism, compartment, recipient.fingerprint)
                readers.append((compartment, recipient))
            audience.append(entry)
        entries = self._entries()
        return Composed(audience, entries, readers, self._withdrawals(audience), frozenset(left_out))

    # --- steps ---

    def _unchanged(self, choice: Choice) -> bool:
        return self._held.get(choice.mechanism) == choice

    def _allowed_before(self, choice: Choice) -> bool:
        """Whether a choice allows nothing that is not allowed already."""
        held = self._held.get(choice.mechanism)
        return held is not None and _narrower(choice, held)

    def _holds(self, choice: Choice) -> bool:
        """Whether it is not over. One that is keeps what it had, and gets nothing new."""
        return choice.expires is None or choice.expires >= self.today

    def _reuse(self, earlier: Earlier) -> None:
        for kind in CLASSES:
            newest = earlier.opened.general(kind)[-1:]
            granted = {c.mechanism for c in self.choices if kind in c.classes and self._holds(c)}
            if newest and earlier.granted.get(newest[0].id, set()) <= granted:
                self.writer.reuse(newest[0])
        by_id = {c.id: c for c in earlier.statement.compartments}
        for mechanism, (_, compartment) in earlier.opened.choices().items():
            self.writer.reuse(by_id[compartment], _with(mechanism))

    def _consent_parts(self) -> None:
        for choice in self.choices:
            if self._unchanged(choice):
                continue
            compartment = self.writer.compartment("account", _with(choice.mechanism))
            profile, bundle = self.profile(choice.mechanism), self.known.get(choice.mechanism)
            # One that takes nothing new may be unknown here: it is given no more than it has.
            root = bundle.root_fingerprint if bundle else None
            self._add("consent", compartment, choice.fields(self.text, profile, root))

    def _wanted(self) -> list[tuple[str, str, str]]:
        """(mechanism, compartment, class) of everything that is to be granted, each once."""
        found: dict[tuple[str, str], str] = {}
        made = self.writer.made
        for choice in self.choices:
            name = choice.mechanism
            for kind in choice.classes:
                if self.earlier:
                    for entry in self.earlier.opened.general(kind):
                        found[name, entry.id] = kind
                if (kind, "") in made:
                    found[name, made[kind, ""].id] = kind
            if ("account", _with(name)) in made:
                found[name, made["account", _with(name)].id] = "account"
        for (kind, apart), compartment in made.items():
            for name in self._apart.get(apart, ()):
                if any(name == c.mechanism and kind in c.classes for c in self.choices):
                    found[name, compartment.id] = kind
        if self.earlier:
            found |= self._kept_apart(self.earlier)
        return [(name, compartment, kind) for (name, compartment), kind in found.items()]

    def _kept_apart(self, earlier: Earlier) -> dict[tuple[str, str], str]:
        """Grants of what one mechanism or medium has alone: as they are, while the consent goes on."""
        kinds = {c.id: c.kind for c in earlier.statement.compartments}
        shared = {c.id for kind in CLASSES for c in earlier.opened.general(kind)}
        classes = {c.mechanism: c.classes for c in self.choices}
        return {
            (a.mechanism, a.compartment): kinds[a.compartment]
            for a in earlier.statement.audience
            if a.compartment not in shared and kinds[a.compartment] in classes.get(a.mechanism, ())
        }

    def _key(self, mechanism: str, kind: str) -> Recipient | None:
        bundle = self.known.get(mechanism)
        key = bundle.key_for(kind, self.today) if bundle else None
        return key.recipient if key else None

    def _closed(self, mechanism: str) -> ConsentError:
        bundle = self.known.get(mechanism)
        name = bundle.names.get(self.text.language, bundle.names["en"]) if bundle else mechanism
        return ConsentError("mechanism_closed", f"{mechanism} has no valid key", mechanism=name)

    def _entries(self) -> list[ConsentEntry]:
        """Unchanged choices keep the text that was shown for them."""
        before = {c.mechanism: c for c in self.earlier.statement.consent} if self.earlier else {}
        return [before[c.mechanism] if self._unchanged(c) else c.entry(self.text) for c in self.choices]

    def _withdrawals(self, audience: list[AudienceEntry]) -> list[Withdrawal]:
        if not self.earlier:
            return []
        kept = {(a.mechanism, a.compartment) for a in audience}
        taken: dict[str, list[str]] = {}
        for entry in self.earlier.statement.audience:
            if (entry.mechanism, entry.compartment) not in kept:
                taken.setdefault(entry.mechanism, []).append(entry.compartment)
        going_on = {c.mechanism for c in self.choices}
        before = self.earlier.statement
        return [
            Withdrawal(
                self.writer.record,
                name,
                self.today,
                name not in going_on,
                tuple(compartments),
                revision=before.revision,
                statement=statement_hash(before.encode()),
                kind=CONSENT,
            )
            for name, compartments in taken.items()
        ]

    def _add(self, kind: str, compartment: Compartment, values: Mapping[str, Json]) -> SealedPart:
        part = self.writer.structured(kind, compartment, values)
        self.parts.append(part)
        return part


def _narrower(choice: Choice, held: Choice) -> bool:
    sooner = held.expires is None or (choice.expires is not None and choice.expires <= held.expires)
    return choice == held or (
        bool(choice.purposes)
        and set(choice.purposes) <= set(held.purposes)
        and "account" in choice.classes
        and set(choice.classes) <= set(held.classes)
        and sooner
        and choice.successor <= held.successor
        and _use(choice) <= _use(held)
        and choice.contact in (None, "never", held.contact)
        and (choice.conditions, choice.states) == (held.conditions, held.states)
        and choice.answers == held.answers
    )


def _use(choice: Choice) -> int:
    """How far the name may go; no answer allows no more than the least."""
    return 0 if choice.identity is None else IDENTITY_USES.index(choice.identity)


def _with(mechanism: str) -> str:
    """The name of the compartment in which one mechanism and the person correspond."""
    return f"with:{mechanism}"


def _revising(values: Mapping[str, Json], revises: str | None) -> dict[str, Json]:
    return dict(values) | ({REVISES: revises} if revises else {})
