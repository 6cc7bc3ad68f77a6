"""One testimony as a document: what `testimony.json` and a line of JSON Lines say, checked as a whole.

    {"language": "be", "capacity": "direct_witness",
     "sections": {"person": {"name": "…"}, "events": [{"date": "2020-08-09~"}]},
     "media": {"IMG_1.jpg": {"origin": "received", "depicts": "letter"},
               "IMG_2.jpg": {"origin": "self", "intimate": true, "only": ["demo"]}},
     "consent": [{"mechanism": "demo", "purposes": ["un_fact_finding"], "classes": ["account", "identity"],
                  "expires": null, "successor": false, "identity": "court", "contact": "here",
                  "conditions": ["not_to_states"], "states": ["BY"], "answers": {}}]}

Everything that is wrong is said at once. What a later version of the questions knows passes through if
the document says that it is of one: `"schema": 2`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crypto import checks
from crypto.compartments import CLASSES
from crypto.encoding import Json, canonical_json, parse_json, utf8
from crypto.errors import CryptoError, FormatError
from crypto.statement import PURPOSES
from intake.record import questions, sections
from intake.record.consent import CONDITIONS, CONTACTS, IDENTITY_USES, Choice
from intake.record.media import ORIGINS, SNIFF_BYTES, sniff
from intake.record.vocabulary import CAPACITIES, country_names

IN_IDENTITY = ("letter", "medical_document", "identity_document", "voice", "consent_form")
MAX_NARRATIVE = 8 * 1024 * 1024  # bytes: the service takes no longer texts
_MOST_APART = 30  # media with a consent of their own: each needs a compartment, and a record has 64
_NAMES = {"schema", "language", "capacity", "sections", "media", "consent"}
_OF_MEDIUM = {"origin", "intimate", "compartment", "only"}
_NOT_OF_MEDIUM = {"part", "name", "type", "size", "digest", "sha256", "dedup", "apart"}  # the label's own
_OF_CONSENT = {
    "mechanism", "purposes", "classes", "compartments", "expires", "successor",
    "identity", "contact", "conditions", "states", "answers",
}  # fmt: skip
_SAID = {
    "malformed": "is not an answer of the form that is asked for",
    "too_large": "is more than {limit_kib} KiB",
    "too_many": "has more than {maximum} items",
    "too_long": "is longer than {maximum} characters",
    "too_large_number": "is more than {maximum}",
    "date": "{example}",
    "code_unknown": "{value} is not in the list",
    "required": "is needed",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What has to be mended: `where` is a file and perhaps a line, `field` may be empty."""

    where: str
    field: str
    what: str

    def __str__(self) -> str:
        return ": ".join(text for text in (self.where, self.field, self.what) if text)


class FolderError(Exception):
    """Not a testimony yet; says what is missing or wrong, and where, one problem a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class MediumFile:
    """A file to send, and what is known of it.

    `label` holds answers to `questions.medium()`. `only` names the mechanisms that may open this file,
    maybe none; with None it goes with the others of its compartment.
    """

    path: Path
    origin: str
    intimate: bool
    compartment: str
    label: Mapping[str, Json] = field(default_factory=dict)
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Testimony:
    """A checked testimony. `sections` maps a section's id to its answers."""

    narrative: str
    language: str
    capacity: str
    media: tuple[MediumFile, ...]
    consent: tuple[Choice, ...]
    sections: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """What is said beside the documents. It says what they leave out, and never something else than they.

    What a person set must not be lost in silence, so a document that says otherwise is refused; only
    `origin` they refine. `consent` names who receives and for what, and with `classes` what may be opened;
    a document that has consents of its own keeps all the rest (see `Reading._consents`).
    `later`: an addition to a record that is there: consents stay as they are, and none is read.
    """

    language: str | None = None
    capacity: str | None = None
    origin: str = "unsaid"
    consent: tuple[Choice, ...] = ()
    classes: bool = False  # whether those of `consent` were named, or are what goes without saying
    later: bool = False


class Reading:
    """One testimony being read; collects what is wrong. `where` is named in every problem."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []
        self._later_schema = False

    def wrong(self, name: str, what: str, where: Path | None = None) -> None:
        """Note a problem, of another place than usual if `where` is given."""
        self.problems.append(Problem(str(where or self.where), name, what))

    def begin(self, described: Mapping[str, Json], more: frozenset[str] = frozenset()) -> None:
        """Look at the names in a document first: its `schema` decides what else is let through.

        `more` are names that this kind of document may have besides those of all.
        """
        schema = described.get("schema", sections.SCHEMA)
        if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
            self.wrong("schema", "is a number from 1 on")
        elif schema > sections.SCHEMA:
            self._later_schema = True
        unknown = sorted(set(described) - _NAMES - more)
        if unknown and not self._later_schema:
            names = ", ".join(sorted(_NAMES | more))
            self.wrong("", f"holds {names}, and nothing else; not: {', '.join(unknown)}")

    def testimony(
        self,
        described: Mapping[str, Json],
        narrative: str,
        media: Sequence[MediumFile | None],
        given: Given,
    ) -> Testimony | None:
        """What a document describes; None if `problems` have been found."""
        capacity = self._either("capacity", described, given.capacity)
        if capacity not in CAPACITIES and not (given.later and capacity is None):
            self.wrong("capacity", f"the capacity is one of: {', '.join(CAPACITIES)}")
        language = self._either("language", described, given.language)
        told = isinstance(language, str) and sections.LANGUAGE_TAG.fullmatch(language)
        if not told and not (given.later and language is None):
            self.wrong("language", "the language is missing, for example: be")
        self._text("narrative", narrative)
        said = self._sections(described.get("sections", {}))
        consents = self._consents(described.get("consent", []), given)
        kept = [medium for medium in media if medium is not None]
        self._check_apart(kept, consents, given)
        if self.problems:
            return None
        return Testimony(narrative, str(language or ""), str(capacity or ""), tuple(kept), consents, said)

    def medium(self, path: Path, about: Json, origin: str) -> MediumFile | None:
        """A file and what the document says of it; None if that is wrong."""
        before = len(self.problems)
        place = f"media/{path.name}"
        asked = {question.id for question in questions.medium().questions}
        if not isinstance(about, dict) or (set(about) - _OF_MEDIUM - asked and not self._later_schema):
            known = ", ".join(sorted(_OF_MEDIUM | asked))
            self.wrong(place, f"{path.name} may have: {known}")
            return None
        self._text(place, path.name)
        if reserved := sorted(set(about) & _NOT_OF_MEDIUM):
            self.wrong(place, f"follows from the file itself: {', '.join(reserved)}")
        label = {name: value for name, value in about.items() if name not in _OF_MEDIUM}
        for problem in sections.check_answers(questions.medium().questions, label):
            if label.get(problem.path) != "consent_form" or problem.path != "depicts":
                self._answer(place, problem)
        self._encodes(place, label)
        origin, intimate = about.get("origin", origin), about.get("intimate", False)
        if origin not in ORIGINS or not isinstance(intimate, bool):
            self.wrong(
                place, f"{path.name}: origin is one of {', '.join(ORIGINS)}; intimate is true or false"
            )
            return None
        compartment = about.get("compartment") or self._compartment(path, intimate, label.get("depicts"))
        if compartment not in CLASSES:
            self.wrong(place, f"{path.name}: compartment is one of {', '.join(CLASSES)}")
        only = about.get("only")
        if only is not None and not (isinstance(only, list) and all(isinstance(name, str) for name in only)):
            self.wrong(place, f"{path.name}: only is a list of mechanisms")
        if len(self.problems) > before:
            return None
        return MediumFile(path, origin, intimate, compartment, label, None if only is None else tuple(only))

    # --- the pieces of a document ---

    def _either(self, name: str, described: Mapping[str, Json], given: str | None) -> Json:
        """What the document says, or the option; a problem if they say two things."""
        said = described.get(name)
        if given and said is not None and said != given:
            self.wrong(name, f"here it is {said}, and --{name} says {given}: keep one of them")
        return given or said

    def _sections(self, value: Json) -> dict[str, Json]:
        if not isinstance(value, dict):
            self.wrong("sections", "maps ids of sections to their answers")
            return {}
        known = {section.id for section in questions.sections()}
        for id, answers in value.items():
            place = f"sections/{id}"
            if not self._encodes(place, answers):
                continue
            if id in known:
                for problem in sections.check(id, answers):
                    self._answer(place, problem)
            elif not self._later_schema:
                self.wrong(place, f"there is no such section; there are: {', '.join(sorted(known))}")
            else:
                try:
                    sections.to_fields(id, answers)
                except ValueError as error:
                    self.wrong(place, str(error))
        return value

    def _answer(self, place: str, problem: sections.Problem) -> None:
        if problem.code == "code_unknown" and self._later_schema:
            return
        path = f"{place}/{problem.path}" if problem.path else place
        self.wrong(path, _SAID[problem.code].format(**problem.values))

    def _consents(self, value: Json, given: Given) -> tuple[Choice, ...]:
        if given.later:
            if value:
                self.wrong("consent", "stays as it is when something is added: see `intake consent`")
            return ()
        if not isinstance(value, list):
            self.wrong("consent", "is a list")
            return ()
        named = {choice.mechanism: choice for choice in given.consent}
        if not value and not named:
            self.wrong("consent", "nobody is named who may receive this (consent)")
        if not value:
            return given.consent
        found = [self.consent(item, f"consent/{i}", named) for i, item in enumerate(value)]
        choices = tuple(choice for choice in found if choice)
        if len({choice.mechanism for choice in choices}) < len(choices):
            self.wrong("consent", "a mechanism is named twice")
        if named and len(choices) == len(found):
            self._agree(choices, named, given.classes)
        return choices

    def _agree(self, choices: Sequence[Choice], named: Mapping[str, Choice], classes: bool) -> None:
        """A problem for everything in which `--to` is not the document's consents in short.

        To send to more, to fewer or for something else than the document says would drop what a person
        set, or reach somebody whom no condition was set for.
        """
        here = {choice.mechanism for choice in choices}
        for name in sorted(here - set(named)):
            self.wrong(f"consent/{name}", "--to does not name it: name it there too, or leave --to out")
        for name in sorted(set(named) - here):
            self.wrong("consent", f"--to names {name}, and there is no consent for it here: add one")
        for choice in choices:
            theirs = named.get(choice.mechanism)
            if theirs and set(theirs.purposes) != set(choice.purposes):
                purposes = f"{', '.join(choice.purposes)}, and --to says {', '.join(theirs.purposes)}"
                self.wrong(f"consent/{choice.mechanism}/purposes", f"here they are {purposes}: keep one")
            if theirs and classes and set(theirs.classes) != set(choice.classes):
                opened = (
                    f"{', '.join(choice.classes)}, and --open-also makes them {', '.join(theirs.classes)}"
                )
                self.wrong(f"consent/{choice.mechanism}/classes", f"here they are {opened}: keep one")

    def consent(self, value: Json, place: str, named: Mapping[str, Choice] | None = None) -> Choice | None:
        """What a document lets one mechanism do; None, and a problem, if it is not of the form.

        Purposes that it leaves out are those that were `named` beside it.
        """
        try:
            if not isinstance(value, dict) or not set(value) <= _OF_CONSENT:
                raise FormatError(f"it may have: {', '.join(sorted(_OF_CONSENT))}")
            if {"classes", "compartments"} <= set(value):
                raise FormatError("classes and compartments are two names of one thing: keep one")
            if "purposes" not in value and (theirs := (named or {}).get(str(value.get("mechanism")))):
                value = value | {"purposes": list(theirs.purposes)}
            classes = value.get("classes", value.get("compartments", ["account"]))
            choice = Choice.parse(
                {"expires": None, "successor": False} | value | {"classes": _some(classes, CLASSES)}
            )
            _some(value["purposes"], PURPOSES)
            _some(value.get("conditions", []), CONDITIONS)
            for answer, answers in ((choice.identity, IDENTITY_USES), (choice.contact, CONTACTS)):
                if answer is not None:
                    checks.one_of(answer, answers)
            if wrong := sorted(set(choice.states) - set(country_names("en"))):
                raise FormatError(f"states are codes of ISO 3166: not {', '.join(wrong)}")
            canonical_json(dict(choice.answers))
        except (FormatError, KeyError, TypeError) as error:
            self.wrong(place, f"a consent needs mechanism and purposes: {error}")
            return None
        if not choice.purposes or not choice.classes:
            self.wrong(place, "a consent needs at least one purpose and one compartment")
            return None
        return choice

    def _check_apart(self, media: list[MediumFile], consents: tuple[Choice, ...], given: Given) -> None:
        apart = [medium for medium in media if medium.only is not None]
        if len(apart) > _MOST_APART:
            self.wrong("media", f"at most {_MOST_APART} files have a consent of their own")
        if given.later:
            return
        classes = {choice.mechanism: choice.classes for choice in consents}
        for medium in apart:
            for name in medium.only or ():
                if medium.compartment not in classes.get(name, ()):
                    self.wrong(
                        f"media/{medium.path.name}",
                        f"is for {name}, whose consent does not include {medium.compartment}",
                    )

    def _compartment(self, path: Path, intimate: bool, depicts: Json) -> str:
        """Where a file starts, unless the document says otherwise."""
        if intimate:
            return "sensitive"
        if depicts in IN_IDENTITY:
            return "identity"
        try:
            with path.open("rb") as file:
                kind = sniff(file.read(SNIFF_BYTES))
        except OSError as error:
            self.wrong(f"media/{path.name}", f"{path.name} cannot be read: {error.strerror}")
            return "account"
        return "identity" if kind and kind.startswith("audio/") else "account"

    def _text(self, place: str, text: str) -> None:
        try:
            size = len(utf8(text))
        except CryptoError as error:
            self.wrong(place, str(error))
            return
        if size > MAX_NARRATIVE:
            self.wrong(place, "is longer than 8 MiB: send it as a file beside a shorter text")

    def _encodes(self, place: str, value: Json) -> bool:
        try:
            canonical_json(value)
        except FormatError as error:
            self.wrong(place, str(error))
            return False
        return True


def read_text(path: Path, reading: "Reading") -> str:
    """A narrative from its file, line ends as they are."""
    try:
        if path.stat().st_size > MAX_NARRATIVE:
            reading.wrong("", f"{path.name} is longer than 8 MiB: send it as a file beside a shorter text")
            return ""
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        reading.wrong("", f"{path.name} is not UTF-8 text")
    except OSError as error:
        reading.wrong("", f"{path.name} cannot be read: {error.strerror}")
    return ""


def read_answers(path: Path, mechanisms: Collection[str]) -> dict[str, dict[str, Json]]:
    """Answers to mechanisms' own questions: {mechanism: {question: answer}}, of these mechanisms only.

    `FolderError` for a file of any other form. What is answered is checked against the profiles later.
    """
    try:
        found = parse_json(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (OSError, CryptoError) as error:
        raise FolderError([Problem(str(path), "", f"cannot be read: {error}")]) from error
    if not isinstance(found, dict) or not all(isinstance(answers, dict) for answers in found.values()):
        what = 'maps mechanisms to their answers: {"MECHANISM": {"QUESTION": "…"}}'
        raise FolderError([Problem(str(path), "", what)])
    if others := sorted(set(found) - set(mechanisms)):
        raise FolderError([Problem(str(path), name, "is not a mechanism of --to") for name in others])
    return found


def _some(value: Json, allowed: tuple[str, ...]) -> list[str]:
    found = [checks.one_of(item, allowed) for item in checks.items(value, 20)]
    if len(set(found)) < len(found):
        raise FormatError("something is named twice")
    return found
