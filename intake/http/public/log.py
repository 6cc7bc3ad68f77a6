"""The logs as outsiders see them (C2SP tlog-tiles): checkpoints and tiles, which say nothing but "more"."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from crypto.encoding import Json
from crypto.errors import FormatError
from crypto.tiles import WIDTH, Tile
from intake import clock
from intake.audit import log, publish, tree
from intake.audit.events import Log
from intake.errors import NotFound
from intake.http.audited import unaudited
from intake.http.context import in_thread, services
from intake.people import mechanisms

router = APIRouter()
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@unaudited("public keys, the same for everybody")
@router.get("/v1/logs")
async def keys(request: Request) -> JSONResponse:
    """Every log with the keys that sign it. Pin them: compare with what the operator published elsewhere."""
    found = services(request)

    def work() -> list[dict[str, object]]:
        with found.database.read() as connection:
            names = [(m, kind, found.log_keys.name(m, kind)) for m, kind in log.logs(connection)]
        return [
            {
                "mechanism": m,
                "log": kind,
                "origin": name,
                "keys": [k.text for k in found.log_keys.verifiers(name)],
            }
            for m, kind, name in names
        ]

    promise_key = found.log_keys.promise_key.text
    return JSONResponse({"logs": await in_thread(work), "promise_key": promise_key})


@unaudited("says of public keys and of the program that they are in the logs; the same for everybody")
@router.get("/v1/logs/announced")
async def announced(request: Request) -> JSONResponse:
    """Entries that concern nobody, with proofs: each mechanism's keys, and the program of the pages.

    Seal to no key that is not among them.
    """
    found = services(request)

    def work() -> dict[str, Json]:
        today = clock.day()
        with found.database.read() as connection:
            known = mechanisms.known(connection)
        shown = {
            id: found.announced.shown(
                id, {key.recipient.fingerprint for key in one.bundle.keys if key.expires >= today}
            )
            for id, one in known.items()
        }
        return {id: entries for id, entries in shown.items() if entries is not None}

    return JSONResponse({"announced": await in_thread(work)})


@unaudited("published so that everybody can watch it; says nothing of any record")
@router.get("/log/{mechanism}/{kind}/checkpoint")
async def checkpoint(request: Request, mechanism: str, kind: str) -> Response:
    """The newest signed checkpoint, with the signatures of witnesses."""
    found = services(request)

    def work() -> bytes:
        with found.database.read() as connection:
            return publish.cosigned(connection, mechanism, kind, _published(connection, mechanism, kind))

    return Response(await in_thread(work), media_type="text/plain; charset=utf-8")


@unaudited("published so that everybody can watch it; says nothing of any record")
@router.get("/log/{mechanism}/{kind}/{path:path}")
async def tile(request: Request, mechanism: str, kind: str, path: str) -> Response:
    """A tile or an entry bundle of the published tree."""
    try:
        wanted = Tile.parse(path)
    except FormatError as error:
        raise NotFound("not_found", "there is no such tile") from error
    found = services(request)

    def work() -> bytes:
        with found.database.read() as connection:
            size = _published(connection, mechanism, kind).size
            return tree.content(connection, mechanism, kind, size, wanted)

    headers = _FOREVER if wanted.width == WIDTH else {}
    return Response(await in_thread(work), media_type="application/octet-stream", headers=headers)


def _published(connection: Connection, mechanism: str, kind: str) -> publish.Published:
    found = publish.newest(connection, mechanism, kind) if kind in tuple(Log) else None
    if found is None:
        raise NotFound("not_found", "there is no such log, or nothing of it was published yet")
    return found
