"""Whatever people allow, add, take back and allow again: what a mechanism can open is exactly what was granted.

The mechanism is given the whole database: every grant, every header, and what it has ever opened before.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crypto import age_header, compartments, sealing
from crypto.age_keys import Identity
from crypto.errors import CryptoError
from intake.db.tables import submissions as t
from intake.record.consent import Choice
from tests.own import Person, add_medium, allow, identities
from tests.postgres import postgres
from tests.service import Mechanism, Service, make_mechanism, register, running
from tests.soak import rounds

NAMES = ("demo", "red", "blue")
CLASSES = ("triage", "identity", "sensitive")
SECTIONS = {"account": "events", "identity": "person", "sensitive": "sensitive"}


@dataclass(frozen=True)
class Step:
    """What holds from now on, and what is added: sections by class, files by class and who alone gets them."""

    allowed: dict[str, frozenset[str]]
    added: tuple[str, ...]
    apart: tuple[tuple[str, frozenset[str]], ...]


def steps(fewest: int) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        st.dictionaries(st.sampled_from(NAMES), st.frozensets(st.sampled_from(CLASSES)), min_size=fewest),
        st.lists(st.sampled_from([*SECTIONS, "triage"]), max_size=2, unique=True).map(tuple),
        st.lists(
            st.tuples(st.sampled_from(tuple(SECTIONS)), st.frozensets(st.sampled_from(NAMES))), max_size=1
        ).map(tuple),
    )


stories = st.tuples(steps(1), st.lists(steps(0), min_size=1, max_size=4)).map(lambda s: [s[0], *s[1]])


@dataclass
class World:
    """The mechanisms, with all that they ever opened, and what they should be able to open."""

    service: Service
    mechanisms: dict[str, Mechanism]
    kept: dict[str, dict[str, Identity]] = field(default_factory=dict)  # mechanism → compartment → key
    kinds: dict[str, str] = field(default_factory=dict)  # part → class
    alone: dict[str, set[str]] = field(default_factory=dict)  # part → who has it, if it is apart
    consents: dict[str, str] = field(default_factory=dict)  # part → the mechanism that it is about
    ever: dict[str, set[str]] = field(default_factory=dict)  # mechanism → parts that were granted

    def should(self, name: str, allowed: dict[str, set[str]]) -> set[str]:
        if name not in allowed:
            return set()
        found = {part for part, about in self.consents.items() if about == name}
        for part, kind in self.kinds.items():
            if kind in allowed[name] and (part not in self.alone or name in self.alone[part]):
                found.add(part)
        return found

    def opens(self, name: str, record: str, *, kept: bool) -> set[str]:
        """Parts whose headers open, with the grants that are stored, or with all keys that ever were."""
        with self.service.owner.read() as connection:
            here = t.grants.c.record == bytes.fromhex(record).hex()
            grants = connection.execute(select(t.grants).where(here)).all()
            parts = connection.execute(select(t.parts).where(t.parts.c.record == record)).all()
            signed = select(t.statements.c.data).where(t.statements.c.record == record)
            named = connection.execute(signed.order_by(t.statements.c.revision))
            newest = [json.loads(data) for data in named.scalars()][-1]
        recipients = {c["id"]: c["recipient"] for c in newest["compartments"]}
        own = identities(self.mechanisms[name])
        keys: dict[str, Identity] = dict(self.kept.setdefault(name, {})) if kept else {}
        for row in grants:
            try:
                key = compartments.open_grant(bytes(row.file), own, recipients[row.compartment])
            except CryptoError:
                continue
            keys[row.compartment] = self.kept.setdefault(name, {})[row.compartment] = key
        return {row.id for row in parts if _opens(bytes(row.header), list(keys.values()))}


def _opens(header: bytes, keys: list[Identity]) -> bool:
    try:
        sealing.unwrap(age_header.parse(header), keys)
    except CryptoError:
        return False
    return True


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demo: Mechanism
) -> Iterator[Service]:
    with ExitStack() as stack:
        overrides = {} if request.param == "sqlite" else {"database_url": stack.enter_context(postgres())}
        yield stack.enter_context(running(tmp_path_factory.mktemp("exactly"), demo, **overrides))


@pytest.fixture(scope="module")
def mechanisms(
    service: Service, demo: Mechanism, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Mechanism]:
    found = {name: make_mechanism(tmp_path_factory.mktemp(name), name) for name in NAMES[1:]}
    for mechanism in found.values():
        register(service.installation, mechanism)
    return {"demo": demo, **found}


@pytest.mark.soak
@settings(
    max_examples=rounds(8, 200),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories, st.booleans())
def test_mechanisms_open_what_was_granted_and_nothing_else(
    service: Service, mechanisms: dict[str, Mechanism], story: list[Step], blind: bool
) -> None:
    world = World(service, mechanisms)
    person = Person(service)
    for number, step in enumerate(story):
        if blind and number == 2:
            assert person.delete("/grants").status_code == 200
        _take(world, person, step, number, blind and number >= 2)


def _take(world: World, person: Person, step: Step, number: int, blind: bool) -> None:
    before = {c.mechanism: set(c.classes) for c in person.choices}
    choices = [_choice(name, step.allowed[name]) for name in NAMES if name in step.allowed]
    if blind:  # whoever opens nothing can name nobody new
        choices = [c for c in choices if c.mechanism in before]
        choices = [_choice(c.mechanism, set(c.classes) & before[c.mechanism]) for c in choices]
    composer = person.composer(choices)
    allowed = {c.mechanism: set(c.classes) for c in choices}
    if number == 0:
        world.kinds[composer.narrative("Тэкст", "victim", "be").entry.id] = "account"
    for kind in step.added:
        if kind == "triage":
            part = composer.triage("victim", "be", 0, {})
        else:
            part = composer.section(SECTIONS[kind], [{"note": "…"}] if kind == "account" else {"note": "…"})
        world.kinds[part.entry.id] = kind
    media: dict[str, Any] = {}
    for kind, only in step.apart:
        come = len(composer.parts)
        found = add_medium(world.service, composer, kind, b"x" * 100, f"file-{number}", sorted(only))
        media |= found
        for part_id in (*found, *(p.entry.id for p in composer.parts[come:])):
            world.kinds[part_id] = kind
            world.alone[part_id] = set(only)
    come = len(composer.parts)
    body = person.body(composer, media)
    for part in composer.parts[come:]:
        made = {c.id: name for (_, name), c in composer.writer.made.items()}
        world.consents[part.entry.id] = made[part.entry.compartment].removeprefix("with:")
    if number == 0:
        path, body = "/v1/submissions", body | {"receipt": person.receipt(composer.writer)}
    else:
        path = "/v1/mailbox/revisions"
    answer = person.post(path, body)
    if number and answer.status_code == 422:  # a step that asks for nothing new
        assert answer.json()["code"] == "revision_empty" and not composer.parts and not body["withdrawals"]
        return
    assert answer.status_code == 201, answer.text
    for part_id, holders in world.alone.items():  # what is apart is kept only without a break
        kind = world.kinds[part_id]
        holders.intersection_update(name for name in holders if kind in allowed.get(name, ()))
    record = composer.writer.record
    for name in NAMES:
        should = world.should(name, allowed)
        assert world.opens(name, record, kept=False) == should, name
        world.ever.setdefault(name, set()).update(should)
        assert world.opens(name, record, kept=True) == world.ever[name], name


def _choice(name: str, classes: frozenset[str] | set[str]) -> Choice:
    return allow(name, *(kind for kind in CLASSES if kind in classes))
