"""Something between a browser and the service that changes pieces of uploads, or lies about them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What arrives of a piece. The answer says in every case that all of it did.
_GIVEN = {
    "dropped": lambda piece: piece[: len(piece) // 2],
    "repeated": lambda piece: piece[: len(piece) // 2] + piece[: len(piece) - len(piece) // 2],
    "reordered": lambda piece: piece[len(piece) // 2 :] + piece[: len(piece) // 2],
}


class Tampering:
    """Wraps an application. `how`: None (not at all), or one of `WAYS`."""

    WAYS = (*_GIVEN, "done too early", "ahead")

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.how: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry."""
        how = self.how
        if scope["type"] != "http" or how is None or "/v1/uploads/" not in scope["path"]:
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._app(scope, receive, _saying(send, how))
        elif scope["method"] == "PATCH":
            await self._piece(how, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _piece(self, how: str, scope: Scope, receive: Receive, send: Send) -> None:
        piece = b""
        more = True
        while more:
            message = await receive()
            piece += message.get("body", b"")
            more = message.get("more_body", False)
        start = int(dict(scope["headers"])[b"upload-offset"])
        end = start + len(piece) + (how == "ahead")
        headers = [(b"tus-resumable", b"1.0.0"), (b"upload-offset", str(end).encode())]
        if how == "done too early":
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body"})
            return
        given = [_GIVEN[how](piece) if how in _GIVEN else piece]

        async def rest() -> Message:
            if given:
                return {"type": "http.request", "body": given.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 204:
                message["headers"] = headers
            await send(message)

        await self._app(scope, rest, answered)


def _saying(send: Send, how: str) -> Send:
    """Answers of HEAD: that all of it is there, or more than that."""

    async def said(message: Message) -> None:
        if message["type"] == "http.response.start" and how in ("done too early", "ahead"):
            headers = dict(message["headers"])
            length = int(headers[b"upload-length"]) + (how == "ahead")
            message["headers"] = list((headers | {b"upload-offset": str(length).encode()}).items())
        await send(message)

    return said
