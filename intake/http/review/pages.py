"""The console's page and files. No other door serves them; they are the same for everybody."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from intake.errors import NotFound
from intake.http.audited import AuditedRoute, unaudited
from intake.http.context import services

router = APIRouter(prefix="/review", route_class=AuditedRoute)
_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Review</title>
<link rel="stylesheet" href="{style}">
<script type="module" src="{script}"></script>
</head>
<body>
<div id="console"><noscript>This needs JavaScript: everything is opened in your browser.</noscript></div>
</body>
</html>
"""


@unaudited("the console's page, the same for everybody")
@router.get("")
async def console(request: Request) -> Response:
    """Where members enter. 404 if `make web` was not run."""
    assets = services(request).console
    if assets is None:
        raise NotFound("console_not_built", "the console is not built here: run 'make web'")
    url = f"/review/static/{assets.hash[:16]}"
    style, script = assets.entry("main", "css"), assets.entry("main")
    return HTMLResponse(_PAGE.format(style=f"{url}/{style}", script=f"{url}/{script}"))


@unaudited("the console's built files, the same bytes for everybody")
@router.get("/static/{version}/{name}")
async def static(request: Request, version: str, name: str) -> Response:
    """A built file; the address holds the manifest's hash, so that it never changes."""
    assets = services(request).console
    if assets is None or name not in assets.files or version != assets.hash[:16]:
        raise NotFound("not_found", "there is no such file")
    kind = _TYPES[name.rpartition(".")[2]]
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(assets.files[name], media_type=kind, headers=headers)
