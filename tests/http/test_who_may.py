"""Role × endpoint × object: every route of the review door, everybody who can stand before it, everything asked for."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from intake import app as apps
from intake.http.audited import declarations
from tests.http.door_world import FOREIGN, OUTSIDE, ROLES, Objects, Row, World
from tests.http.who_may import ROWS
from tests.service import EVERY_DATABASE_IN_TIME, Mechanism, running_on, settings_for

NAMES = [row.route for row in ROWS]
MEMBERS = [row for row in ROWS if row.roles != "-"]
CHANGING = [row for row in ROWS if row.method not in ("GET", "HEAD")]


@pytest.fixture(scope="module", params=EVERY_DATABASE_IN_TIME)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demo: Mechanism
) -> Iterator[World]:
    scratch = tmp_path_factory.mktemp("door")
    with running_on(request.param, scratch / "s", demo) as service:
        yield World(service, scratch)


def test_every_route_of_the_door_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    """Whoever adds a route says here who may use it."""
    ours, everybodys = (
        set(declarations(door(settings_for(tmp_path, 1)))) for door in (apps.review_app, apps.public_app)
    )
    found = ours - everybodys  # uploads: whoever brings one has its name
    assert set(NAMES) == found and len(NAMES) == len(set(NAMES))


def objects(row: Row, world: World) -> Objects:
    return row.objects(world) if row.objects else {"": {}}


def one(row: Row, world: World, actor: str) -> Mapping[str, str]:
    """An object that this actor sees."""
    return next((o for kind, o in objects(row, world).items() if not kind or actor in row.sees[kind]), {})


def asked(world: World, row: Row, actor: str, object: Mapping[str, str], **headers: str) -> httpx.Response:
    object = {"reader": world.name(actor), **object}  # where somebody is named: oneself
    body = row.body(world, object) if row.body else None
    return world.ask(actor, row.method, row.path(object), body, **headers)


def said(answer: httpx.Response) -> tuple[int, str]:
    problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return answer.status_code, str(answer.json()["code"]) if problem else ""


def wrong(row: Row, letters: str, kind: str, answer: httpx.Response) -> str:
    """What should have been answered to a member with these roles, if it was something else."""
    status, code = said(answer)
    if not set(letters) & set(row.roles):
        return "" if (status, code) == (403, "role") else "403 role"
    if kind and not set(letters) & set(row.sees[kind]):
        return "" if status == 404 else "404"
    return "" if status in row.good else f"one of {row.good}"


@pytest.mark.parametrize("row", MEMBERS, ids=[row.route for row in MEMBERS])
def test_each_role_gets_what_the_table_says_of_each_object(world: World, row: Row) -> None:
    failures = [
        f"{ROLES[actor]} of {kind or 'it'}: {said(answer)}, and not {expected} ({row.why})"
        for kind, object in objects(row, world).items()
        for actor in sorted(ROLES, key=lambda letter: letter in row.roles)  # who may, may change something
        for answer in [asked(world, row, actor, object)]
        if (expected := wrong(row, actor, kind, answer))
    ]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("row", MEMBERS, ids=[row.route for row in MEMBERS])
def test_who_is_no_member_today_gets_nothing_of_anything(world: World, row: Row) -> None:
    failures = [
        f"{actor} of {kind or 'it'}: {said(answer)}"
        for kind, object in objects(row, world).items()
        for actor in OUTSIDE
        for answer in [asked(world, row, actor, object)]
        if answer.status_code != 401
    ]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize(
    "row", [r for r in MEMBERS if r.objects], ids=[r.route for r in MEMBERS if r.objects]
)
def test_members_of_another_mechanism_do_not_learn_that_something_is_there(world: World, row: Row) -> None:
    failures = [
        f"{actor} of {kind}: {said(answer)}"
        for kind, object in objects(row, world).items()
        for actor, letters in FOREIGN.items()
        if kind != "another mechanism's"  # theirs
        for answer in [asked(world, row, actor, object)]
        if (answer.status_code != 404 if set(letters) & set(row.roles) else said(answer) != (403, "role"))
    ]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.roles == "-"], ids=[r.route for r in ROWS if r.roles == "-"]
)
def test_before_anybody_is_known_everybody_gets_the_same(world: World, row: Row) -> None:
    answers = {actor: said(asked(world, row, actor, {})) for actor in (*ROLES, *OUTSIDE, *FOREIGN)}
    assert len(set(answers.values())) == 1, answers
    assert {status for status, _ in answers.values()} <= set(row.good), answers


@pytest.mark.parametrize("row", MEMBERS, ids=[row.route for row in MEMBERS])
def test_what_matters_most_needs_a_passkey_that_was_shown_just_now(world: World, row: Row) -> None:
    actor = row.roles[0]
    object = one(row, world, actor)
    cookie = world.session(world.people[actor], fresh=301)
    answer = asked(world, row, actor, object, Cookie=f"__Host-review={cookie}")
    if row.fresh:
        assert said(answer) == (403, "assertion_needed")
    else:
        assert answer.status_code in row.good, said(answer)


_OTHER_SITES = (
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": ""},
    {"Origin": "null", "Sec-Fetch-Site": ""},
    {"Origin": "", "Sec-Fetch-Site": ""},
    {"Origin": "", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site"},
)


@pytest.mark.parametrize("row", CHANGING, ids=[row.route for row in CHANGING])
def test_another_sites_page_changes_nothing_in_a_members_name(world: World, row: Row) -> None:
    actor = "r" if row.roles == "-" else row.roles[0]
    object = one(row, world, actor)
    for headers in _OTHER_SITES:
        answer = asked(world, row, actor, object, **headers)
        assert said(answer) == (403, "other_site"), headers


@pytest.mark.parametrize("row", [r for r in MEMBERS if r.method == "GET"], ids=lambda row: row.route)
def test_another_sites_page_does_not_even_ask(world: World, row: Row) -> None:
    for headers in _OTHER_SITES[:3] + _OTHER_SITES[5:]:
        answer = asked(world, row, row.roles[0], {}, **headers)
        assert said(answer) == (403, "other_site"), headers


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_no_answer_can_be_framed_sniffed_or_kept(world: World, row: Row) -> None:
    for actor in (row.roles[0] if row.roles != "-" else "r", "nobody"):
        headers = asked(world, row, actor, {}).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY" and headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


_FORMS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


@pytest.mark.parametrize("row", [r for r in CHANGING if r.body], ids=lambda row: row.route)
def test_what_a_form_can_send_is_no_request(world: World, row: Row) -> None:
    actor = "r" if row.roles == "-" else row.roles[0]
    object = one(row, world, actor)
    for kind in _FORMS:
        answer = asked(world, row, actor, object, **{"Content-Type": kind})
        assert answer.status_code == 422, kind
