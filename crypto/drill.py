"""A drill: can the mechanism's people still open what is sealed to them? `docs/wire.md`, "Drill".

For each key of an epoch 32 random bytes are sealed to it, as an age file; the answer is their SHA-256.
Nothing of a testimony is touched, and the answer shows nothing but that the identities are at hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crypto import checks, primitives, sealing
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_keys import Identity
from crypto.age_stream import NONCE_SIZE
from crypto.bundles import MechanismKey
from crypto.compartments import CLASSES
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError

MAX_BYTES = 64 * 1024
SECRET_SIZE = 32


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one key: its class, the fingerprint of its recipient, and the age file to open."""

    compartment: str
    recipient: str
    file: bytes


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a service asks of the keys of one epoch."""

    mechanism: str
    epoch: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered for an epoch. `hash` is SHA-256 of the answers' JCS, hex."""

    mechanism: str
    epoch: int
    hash: str


def make_challenge(
    mechanism: str, keys: Sequence[MechanismKey], random: Callable[[int], bytes]
) -> tuple[bytes, Answer]:
    """(challenge, the answer that is expected) for the keys of one epoch."""
    (epoch,) = {key.epoch for key in keys}
    questions: list[Json] = []
    secrets: dict[str, bytes] = {}
    for key in keys:
        secrets[key.kind] = random(SECRET_SIZE)
        file = sealing.seal_file(
            secrets[key.kind], key.recipient, file_key=random(FILE_KEY_SIZE), nonce=random(NONCE_SIZE)
        )
        fingerprint = key.recipient.fingerprint
        questions.append({"class": key.kind, "recipient": fingerprint, "file": b64u_encode(file)})
    data = canonical_json({"v": 1, "mechanism": mechanism, "epoch": epoch, "keys": questions})
    return data, parse_answer(_encode_answer(mechanism, epoch, secrets))


def parse_challenge(data: bytes) -> Challenge:
    """`FormatError` if it is not of the form."""
    if len(data) > MAX_BYTES:
        raise FormatError("the challenge is too long")
    top = checks.exactly(parse_canonical_json(data.rstrip(b"\n")), "v mechanism epoch keys")
    checks.version(top["v"], "challenge")
    questions = tuple(_question(value) for value in checks.items(top["keys"], len(CLASSES)))
    if not questions or len({q.compartment for q in questions}) != len(questions):
        raise FormatError("a challenge asks of each key once")
    return Challenge(checks.text(top["mechanism"], checks.SLUG), checks.positive(top["epoch"]), questions)


def answer_challenge(challenge: Challenge, identities: Sequence[Identity]) -> bytes:
    """The answer. `NotMine` if a key is not at hand; `VerifyError` if what it opens is no such question.

    Only 32 bytes are answered for: nothing else that is sealed to a mechanism is so short, so that a
    challenge cannot be used to have something else opened.
    """
    secrets: dict[str, bytes] = {}
    for question in challenge.questions:
        own = [one for one in identities if one.recipient.fingerprint == question.recipient]
        secret = sealing.open_file(question.file, own)
        if len(secret) != SECRET_SIZE:
            raise VerifyError("the challenge holds something else than a drill's question")
        secrets[question.compartment] = secret
    return _encode_answer(challenge.mechanism, challenge.epoch, secrets)


def parse_answer(data: bytes) -> Answer:
    """What was answered; `FormatError`. Whether it is right is for who asked to compare."""
    if len(data) > MAX_BYTES:
        raise FormatError("the answer is too long")
    top = checks.exactly(parse_canonical_json(data.rstrip(b"\n")), "v mechanism epoch answers")
    checks.version(top["v"], "answer")
    answers = top["answers"]
    if not isinstance(answers, dict) or not answers or not set(answers) <= set(CLASSES):
        raise FormatError("an answer is given for each class")
    said = {kind: checks.digest(value) for kind, value in answers.items()}
    return Answer(
        checks.text(top["mechanism"], checks.SLUG),
        checks.positive(top["epoch"]),
        primitives.sha256(canonical_json(said)).hex(),
    )


def _encode_answer(mechanism: str, epoch: int, secrets: dict[str, bytes]) -> bytes:
    answers = {kind: primitives.sha256(secret).hex() for kind, secret in secrets.items()}
    return canonical_json({"v": 1, "mechanism": mechanism, "epoch": epoch, "answers": answers})


def _question(value: Json) -> Question:
    v = checks.exactly(value, "class recipient file")
    return Question(checks.one_of(v["class"], CLASSES), checks.digest(v["recipient"]), b64u_decode(v["file"]))
