"""Every route says whether its accesses are logged, and as what; the application is not built otherwise.

    @audited(Event.RECORD_OPENED)                the answer leaves only after such an entry is committed
    @unaudited("the same bytes for everybody")   nothing to log, and why

An audited route is an `AuditedRoute` (`APIRouter(route_class=AuditedRoute)`). Its answer is released when
`audit.marks` shows the declared entry. A refusal is released with an entry of the refusal, or when it is a
stranger's, who are counted only. What is raised is answered by `problems`, in words that hold no content.
A route that returns anything else has forgotten its entry: 500, and what it returned is dropped.

(A dependency with `yield` runs too late to keep an answer back, and a middleware does not know the route.)
"""

import json
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import FastAPI, routing
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crypto.encoding import parse_json
from crypto.errors import FormatError
from intake import logs
from intake.audit import marks
from intake.audit.events import LOG_OF, Event, Log
from intake.audit.marks import Marks
from intake.errors import ConfigurationError
from intake.http.problems import problem

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])
_ATTRIBUTE = "__audit__"


@dataclass(frozen=True, slots=True)
class Audited:
    """`once`: what repetition is no entry of its own, if one is not. `refused`: the entry of a refusal."""

    event: Event
    once: str | None
    refused: Event

    def releases(self, seen: Marks, status: int) -> bool:
        """Whether an answer with this status may leave."""
        if self.event in seen.logged or (self.once is not None and self.event in seen.repeated):
            return True
        return 400 <= status < 500 and (self.refused in seen.logged or seen.stranger)


@dataclass(frozen=True, slots=True)
class Unaudited:
    """Why there is nothing to log."""

    reason: str


Declaration = Audited | Unaudited


def audited(
    event: Event, *, once: str | None = None, refused: Event = Event.REFUSED
) -> Callable[[_Endpoint], _Endpoint]:
    """Each answer of this endpoint follows an entry of `event` in an access log."""
    if LOG_OF[event] is not Log.ACCESS:
        raise ConfigurationError(f"{event} is no event of an access log")
    return _declare(Audited(event, once, refused))


def unaudited(reason: str) -> Callable[[_Endpoint], _Endpoint]:
    """Nothing is logged, for a reason that a reader can judge."""
    if len(reason.split()) < 4:
        raise ConfigurationError(f"not a reason why nothing is logged: {reason!r}")
    return _declare(Unaudited(reason))


def _declare(declaration: Declaration) -> Callable[[_Endpoint], _Endpoint]:
    def declare(endpoint: _Endpoint) -> _Endpoint:
        if hasattr(endpoint, _ATTRIBUTE):
            raise ConfigurationError(f"{endpoint.__name__} is declared twice")
        setattr(endpoint, _ATTRIBUTE, declaration)
        return endpoint

    return declare


class _StrictRequest(Request):
    """Its JSON means one thing to everybody: without duplicate names, NaN or Infinity."""

    async def json(self) -> Any:
        """Called by the framework; what it raises is answered as malformed."""
        try:
            return parse_json(await self.body())
        except FormatError as error:
            raise json.JSONDecodeError(str(error), "", 0) from error


class AuditedRoute(APIRoute):
    """Keeps an answer back until its entry is committed, and takes only JSON that means one thing."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Called by the framework, once for each place where the route's router is included."""
        answer = super().get_route_handler()

        async def answer_or_nothing(request: Request) -> Response:
            request = _StrictRequest(request.scope, request.receive)
            declared = getattr(self.endpoint, _ATTRIBUTE, None)
            if isinstance(declared, Unaudited):
                return await answer(request)
            with marks.watching() as seen:
                response = await answer(request)
            if declared is not None and declared.releases(seen, response.status_code):
                return response
            logs.event("answer_without_entry", logging.ERROR, status=response.status_code)
            return problem(500, "internal", "an error on the server; nothing was disclosed")

        return answer_or_nothing


def declarations(app: FastAPI) -> dict[str, Declaration]:
    """Every route of the application, as "METHOD /path". `ConfigurationError` names those that lack one."""
    found: dict[str, Declaration] = {}
    wrong: list[str] = []
    for name, route, endpoint in _routes(app.routes, app.router, ""):
        declared = getattr(endpoint, _ATTRIBUTE, None)
        if declared is None:
            wrong.append(f"{name} says neither @audited nor @unaudited")
        elif isinstance(declared, Audited) and not isinstance(route, AuditedRoute):
            wrong.append(f"{name} is audited, but its router lacks route_class=AuditedRoute")
        else:
            found[name] = declared
    if wrong:
        raise ConfigurationError("an access could go unnoticed:\n  " + "\n  ".join(sorted(wrong)))
    return found


def _routes(
    routes: Sequence[BaseRoute], router: object, prefix: str
) -> Iterator[tuple[str, BaseRoute | None, object]]:
    """(name, route, endpoint) of everything that can answer: included routers and mounts are looked into.

    In current FastAPI `app.routes` holds included routers as single opaque routes.
    """
    contexts: Callable[..., Any] = getattr(routing, "iter_route_contexts", iter)
    for context in contexts(routes):
        route = getattr(context, "original_route", context)
        path = prefix + (getattr(context, "path", None) or "")
        inner = getattr(route, "app", None)
        below = getattr(route, "routes", None)
        if below:  # a mount, or a host
            yield from _routes(below, getattr(inner, "router", inner), path)
            continue
        endpoint = getattr(context, "endpoint", None) or inner or route
        for method in sorted(getattr(context, "methods", None) or {"ANY"}):
            yield f"{method} {path}", route, endpoint
    yield from _files(router, prefix)


def _files(router: object, prefix: str) -> Iterator[tuple[str, BaseRoute | None, object]]:
    """Folders that FastAPI serves by `frontend()`: they stand apart from the routes, and declare nothing."""
    for _ in getattr(router, "_low_priority_routes", ()):
        yield f"ANY {prefix}/… (files)", None, None
    for route in getattr(router, "routes", ()):
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _files(included, prefix)
