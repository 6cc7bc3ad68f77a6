"""From a checked testimony to sealed parts and a signed statement, wherever the parts go.

    sealer = Sealer(keys, composer, carrier, progress)
    sealer.add(testimony)                  texts and media; payloads go to the carrier as they come
    body = sealer.sign(CLIENT)             the request that ties them together

A carrier sends at once (`submit.Uploads`) or writes into a bundle (`bundle.Files`). A file is read twice:
for its digest, and to be sealed. Every MiB is compared with the first reading before, because a changed
file under the same key would betray both.
"""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from crypto import age_stream, content_key, padding
from crypto.bundles import Bundle, verify_bundle
from crypto.encoding import Json, b64u_encode, canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.profiles import Profile, verify_profile
from crypto.receipt import ReceiptKeys
from crypto.record_writer import MediumSealer, RecordWriter, SealedPart
from crypto.withdrawal import sign_withdrawal
from intake.client import VERSION
from intake.client.document import MediumFile, Problem, Testimony
from intake.record import media, questions, sections
from intake.record.compose import Composer
from intake.record.consent import Choice, ConsentError
from intake.record.consent import check as check_consent
from intake.record.opened import REVISES

ONLINE, OFFLINE = "intake-python", "intake-offline"  # names of the client in a statement
SMALL = 64 * 1024  # bytes of a payload that travels within the request
_UNKNOWN_SECTIONS = "identity"  # what a later version asks may be a name: the class that is granted least
Progress = Callable[[str, int, int], None]  # what, bytes done, bytes in all
Payload = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Mechanisms:
    """What can be sealed to: verified keys, and verified profiles of the mechanisms that have one."""

    bundles: Mapping[str, Bundle]
    profiles: Mapping[str, Profile]


class Carrier(Protocol):
    """Where sealed payloads go."""

    def content_key(self, digest: bytes) -> tuple[bytes, bytes] | None:
        """File key and nonce that equal files share; None where a file gets random ones."""

    def payload(self, what: str, length: int, produce: Payload) -> dict[str, str]:
        """Take one of `length` bytes; what the request says of it. `produce` may be called again."""


def read_mechanisms(answer: Json, roots: Mapping[str, str]) -> Mechanisms:
    """The answer of `GET /v1/mechanisms`, verified.

    `roots` are fingerprints known from elsewhere: any other root of these mechanisms is a `VerifyError`.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("mechanisms"), list):
        raise FormatError("this is no list of mechanisms")
    found: dict[str, Bundle] = {}
    for raw in answer["mechanisms"]:
        bundle = verify_bundle(canonical_json(raw))
        wanted = roots.get(bundle.mechanism, bundle.root_fingerprint).replace(" ", "").lower()
        if bundle.root_fingerprint != wanted:
            raise VerifyError(
                f"the server's root key for {bundle.mechanism} is not the expected one: do not send anything"
            )
        found[bundle.mechanism] = bundle
    profiles: dict[str, Profile] = {}
    for name, raw in (answer.get("profiles") or {}).items():
        if name in found:
            profile = verify_profile(canonical_json(raw), found[name].root)
            if profile.mechanism != name:
                raise VerifyError(f"the profile of {name} is another mechanism's")
            profiles[name] = profile
    return Mechanisms(found, profiles)


def check_choices(
    choices: Collection[Choice], offered: Mechanisms, language: str, today: str, where: str
) -> list[Problem]:
    """What a consent asks for and its mechanism does not offer, today; before anything is sealed."""
    found = []
    for choice in choices:
        place = f"consent/{choice.mechanism}"
        profile = offered.profiles.get(choice.mechanism) or Profile.plain(choice.mechanism)
        if choice.mechanism not in offered.bundles:
            found.append(Problem(where, place, f"this server does not know the mechanism {choice.mechanism}"))
            continue
        if not profile.takes_on(today):
            found.append(Problem(where, place, f"takes nothing new since {profile.closes}"))
        try:
            check_consent(choice, offered.bundles[choice.mechanism], profile, language, today)
        except ConsentError as error:
            found.append(Problem(where, place, str(error)))
        asked = questions.parse_questions(list(profile.questions))
        for wrong in sections.check_answers(asked, dict(choice.answers)):
            found.append(Problem(where, f"{place}/answers/{wrong.path}", wrong.code.replace("_", " ")))
    return found


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the first reading of a file found; `leaves` are those of its digest."""

    kind: str | None
    size: int
    digest: bytes
    leaves: list[bytes]


class Sealer:
    """Seals one revision of one record. `parts` are the request's, in the order in which they were sent.

    `left_out`, known once it is signed, are mechanisms with consent to which nothing new can be sealed.
    """

    def __init__(
        self,
        keys: ReceiptKeys,
        composer: Composer,
        carrier: Carrier,
        progress: Progress = lambda what, done, total: None,
    ) -> None:
        self._keys = keys
        self._composer = composer
        self._carrier = carrier
        self._progress = progress
        self._other: list[SealedPart] = []
        self._media = 0
        self.parts: list[dict[str, str]] = []
        self.left_out: frozenset[str] = frozenset()

    @property
    def writer(self) -> RecordWriter:
        """Of the record."""
        return self._composer.writer

    def add(self, testimony: Testimony, replaces: Mapping[str, str] = {}) -> None:
        """Texts and media. `replaces` maps `narrative`, or a section's id, to the part that it corrects."""
        first = self._composer.earlier is None
        if first or testimony.narrative.strip():
            self._composer.narrative(
                testimony.narrative, testimony.capacity, testimony.language, replaces.get("narrative")
            )
        for id, answers in testimony.sections.items():
            self._section(id, answers, replaces.get(id))
        if first:
            said = testimony.sections
            self.triage(testimony.capacity, testimony.language, len(testimony.media), said)
        for file in testimony.media:
            self._medium(file)

    def triage(
        self,
        capacity: str,
        language: str,
        files: int,
        said: Mapping[str, Json],
        replaces: str | None = None,
    ) -> None:
        """The card."""
        self._composer.triage(capacity, language, files, said, replaces)

    def sign(self, client: str, *, own_grants: bool = True) -> dict[str, Json]:
        """Everything but what the receipt has to show: {statement, signature, parts, grants, withdrawals}.

        Without `own_grants` nobody but the mechanisms can ever open this revision.
        """
        composed = self._composer.finish()
        self.left_out = composed.left_out
        for part in [*self._composer.parts, *self._other]:
            self._small("text", part)
        statement, signature = self.writer.statement(
            audience=composed.audience,
            consent=composed.consent,
            created_day=self._composer.today,
            sealed_by="submitter",
            client=(client, VERSION, None),
        )
        grants = self.writer.grants(composed.readers)
        if not own_grants:
            own = self._keys.identity.recipient.fingerprint
            grants = [grant for grant in grants if grant.recipient != own]
        return {
            "statement": statement.decode(),
            "signature": b64u_encode(signature),
            "parts": self.parts,
            "grants": [
                {"compartment": g.compartment, "recipient": g.recipient, "file": b64u_encode(g.file)}
                for g in grants
            ],
            "withdrawals": {
                w.mechanism: sign_withdrawal(w, self._keys.signing).decode() for w in composed.withdrawals
            },
        }

    def receipt_half(self) -> dict[str, Json]:
        """What the service keeps of the receipt."""
        return {
            "lookup": b64u_encode(self._keys.lookup),
            "auth": b64u_encode(self._keys.auth),
            "record_key": b64u_encode(self._keys.record_key(self.writer.share)),
        }

    def _section(self, id: str, answers: Json, replaces: str | None) -> None:
        if id in {section.id for section in questions.sections()}:
            self._composer.section(id, answers, replaces)
            return
        values = sections.to_fields(id, answers) | ({REVISES: replaces} if replaces else {})
        self._other.append(
            self.writer.structured("section", self.writer.compartment(_UNKNOWN_SECTIONS), values)
        )

    def _medium(self, file: MediumFile) -> None:
        name = file.path.name
        plan = _read_once(file, lambda done, total: self._progress(f"reading {name}", done, total))
        content = None
        if media.deduplicates(plan.kind, plan.size, file.origin, intimate=file.intimate):
            content = self._carrier.content_key(plan.digest)
        file_key, nonce = content or (secrets.token_bytes(16), secrets.token_bytes(16))
        last: list[MediumSealer] = []

        def payload() -> Iterator[bytes]:
            sealer = self.writer.begin_medium(file_key, nonce, plan.digest)
            last[:] = [sealer]
            leaves = content_key.LeafCheck(plan.leaves)
            with file.path.open("rb") as stream:
                while leaf := stream.read(content_key.LEAF):
                    leaves.check(leaf)
                    yield bytes(sealer.update(leaf))
            leaves.finish()
            for rest in sealer.finish():
                yield bytes(rest)

        length = age_stream.sealed_length(padding.padded_length(plan.size, padding.FLOOR))
        sent = self._carrier.payload(f"sending {name}", length, payload)
        label: dict[str, Json] = {
            "name": name,
            "type": plan.kind or media.OTHER,
            "origin": file.origin,
            "intimate": file.intimate,
            "dedup": "oprf" if content else "none",
            **file.label,
        }
        apart = ""
        if file.only is not None:
            self._media += 1
            apart, label["apart"] = f"medium:{self._media}", True
        compartment = self._composer.medium(file.compartment, apart, file.only or ())
        header, label_part = self.writer.end_medium(last[0], compartment, label)
        self.parts.append({"id": last[0].part, "header": b64u_encode(header), **sent})
        self._small("label", label_part)

    def _small(self, what: str, part: SealedPart) -> None:
        if len(part.payload) <= SMALL:
            sent = {"payload": b64u_encode(part.payload)}
        else:
            sent = self._carrier.payload(what, len(part.payload), lambda: iter([part.payload]))
        self.parts.append({"id": part.entry.id, "header": b64u_encode(part.header), **sent})


def today() -> str:
    """The day in UTC, as statements have it."""
    return datetime.now(UTC).strftime("%Y-%m-%d")


def _read_once(file: MediumFile, progress: Callable[[int, int], None]) -> _Plan:
    total = file.path.stat().st_size
    digest = content_key.ContentDigest()
    kind: str | None = None
    with file.path.open("rb") as stream:
        while leaf := stream.read(content_key.LEAF):
            if not digest.length:
                kind = media.sniff(leaf[: media.SNIFF_BYTES])
            digest.update(leaf)
            progress(digest.length, total)
    return _Plan(kind, digest.length, digest.finish(), digest.leaves)
