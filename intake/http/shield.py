"""What holds for every request, as plain ASGI middleware: headers, and a cap on small bodies.

(`@app.middleware("http")` copies every body through a queue: 39 % more CPU on uploads when tried.)
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intake.errors import Malformed, TooLarge
from intake.http.problems import problem

SMALL_BODY = 64 * 1024
RETURNING_BODY = 512 * 1024  # a message, or a consent with its answers, percent-encoded
MESSAGE_BODY = 128 * 1024
DRAFT_BODY = 16 * 1024 * 1024  # entries of one draft, in base64: a narrative alone may have 8 MiB
RESTORATION_BODY = 256 * 1024  # with a grant of each compartment
ASSIGNMENT_BODY = 256 * 1024  # a record's or a mechanism's keys for one member, at 3 KiB each
GRANTS_BODY = 512 * 1024  # a workspace's key for 200 members, or the ids of 2,000 records
WITHDRAWALS_BODY = 4 * 1024 * 1024  # 200 envelopes of 8 KiB, with their quotes escaped
_IDLE_SECONDS = 60
SUBMISSION_BODY = 24 * 1024 * 1024
_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    b" frame-ancestors 'none'"
)
# With a program for browsers: nothing inline, no text evaluated, one policy that names its worker; pictures
# that it has opened.
_SCRIPTS = (
    b"; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self';"
    b" require-trusted-types-for 'script'; trusted-types intake"
)
_HEADERS = [
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), interest-cohort=()"),
    (b"x-robots-tag", b"noindex"),
]


def body_limit(path: str) -> int | None:
    """Most bytes of a request's body; None where the handler counts for itself."""
    if path.startswith("/v1/uploads") or path.endswith(("/submit", "/write")):
        return None
    if path.endswith("/return"):
        return RETURNING_BODY
    if path.endswith(("/messages", "/work")):
        return MESSAGE_BODY
    if path.startswith("/review/v1/") and path.endswith(("/workspaces", "/cases", "/grants", "/exports")):
        return GRANTS_BODY
    if path.startswith("/review/v1/") and path.endswith(("/assignments", "/decision", "/keys/wraps")):
        return ASSIGNMENT_BODY
    if path == "/v1/drafts":
        return DRAFT_BODY
    if path == "/v1/restorations":
        return RESTORATION_BODY
    if path in ("/v1/mailbox/deletion", "/v1/mailbox/withdrawals"):
        return WITHDRAWALS_BODY
    return SUBMISSION_BODY if path in ("/v1/submissions", "/v1/mailbox/revisions") else SMALL_BODY


class Shield:
    """Wraps the whole application; `scripts` lets pages run what comes from this server."""

    def __init__(self, app: ASGIApp, *, scripts: bool = False) -> None:
        self._app = app
        shown = _POLICY.replace(b"img-src 'self'", b"img-src 'self' blob:")
        policy = shown + _SCRIPTS if scripts else _POLICY
        self._headers = [(b"content-security-policy", policy), *_HEADERS]
        # The console plays what it has opened; no other page has anything to play.
        played = policy.replace(b"blob:;", b"blob:; media-src blob:;", 1)
        self._console = [(b"content-security-policy", played), *_HEADERS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = body_limit(scope["path"])
        received, over = 0, False

        async def counted() -> Message:
            nonlocal received, over
            if limit is None or over:
                message = await receive()
            else:
                try:
                    async with asyncio.timeout(_IDLE_SECONDS):
                        message = await receive()
                except TimeoutError as error:
                    raise Malformed("malformed", f"nothing came for {_IDLE_SECONDS} seconds") from error
            received += len(message.get("body", b""))
            over = over or not message.get("more_body", False)
            if limit is not None and received > limit:
                raise TooLarge("too_large", "the body is too large", limit_kib=limit // 1024)
            return message

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                present = {name for name, _ in headers}
                if b"cache-control" not in present:
                    headers.append((b"cache-control", b"no-store"))
                headers.extend(self._console if scope["path"].startswith("/review") else self._headers)
                if has_body and not over:  # refused before its end: what is left is not read
                    headers.append((b"connection", b"close"))
            await send(message)

        given = dict(scope["headers"])
        announced = given.get(b"content-length", b"0")
        has_body = announced != b"0" or b"transfer-encoding" in given
        if limit is not None and announced.isdigit() and int(announced) > limit:
            answer = problem(413, "too_large", "the body is too large", limit_kib=limit // 1024)
            await answer(scope, receive, protected)
            return
        await self._app(scope, counted, protected)
