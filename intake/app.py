"""The applications, each built by a function: nothing is read or opened at import."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

import intake
from intake.audit.events import Event
from intake.db import migrate
from intake.http import audited, problems
from intake.http.assets import read_assets
from intake.http.audited import unaudited
from intake.http.context import build
from intake.http.feed import casework, cosign, pull, token
from intake.http.public import (
    blank,
    correspondence,
    drafts,
    log,
    mailbox,
    own,
    own_pages,
    pages,
    proof,
    returning,
    sealed,
    submit,
    terms,
    uploads,
    write,
)
from intake.http.review import (
    approvals,
    cases,
    deadlines,
    exports,
    inbox,
    keys,
    login,
    messages,
    oneself,
    people,
    records,
)
from intake.http.review import log as review_log
from intake.http.review import pages as review_pages
from intake.http.review import terms as review_terms
from intake.http.review import work as review_work
from intake.http.shield import Shield
from intake.settings import Settings
from intake.upkeep import worker
from intake.upkeep.serving import serving

_PUBLIC = (
    log.router,
    terms.router,
    sealed.router,
    uploads.router,
    mailbox.router,
    own.router,
    drafts.router,
    correspondence.router,
)
_FEED = (token.router, pull.router, cosign.router, casework.router)
_REVIEW = (
    approvals.router,
    inbox.router,
    keys.router,
    login.router,
    oneself.router,
    people.router,
    records.router,
    review_log.router,
    review_pages.router,
    review_terms.router,
    review_work.router,
    cases.router,
    deadlines.router,
    exports.router,
    messages.router,
)
_PAGES = (
    submit.router,
    write.router,
    blank.router,
    returning.router,
    own_pages.router,
    proof.router,
    pages.router,
)  # last: their first path segment is a language


def public_app(settings: Settings) -> FastAPI:
    """The door to the internet."""
    return _app(settings, *_PUBLIC, *_PAGES)


def feed_app(settings: Settings) -> FastAPI:
    """The door for mechanisms' programs."""
    return _app(settings, *_FEED)


def review_app(settings: Settings) -> FastAPI:
    """The door for members of mechanisms, and the console."""
    return _app(settings, *_REVIEW, uploads.router)  # derivatives come as media do


def whole_app(settings: Settings) -> FastAPI:
    """All doors on one address."""
    return _app(settings, *_FEED, *_REVIEW, *_PUBLIC, *_PAGES)


def _app(settings: Settings, *routers: APIRouter) -> FastAPI:
    """`ConfigurationError` if a route does not say whether its accesses are logged."""
    assets, console = read_assets(settings.web_dir), read_assets(settings.console_dir)
    browsers = {Event.PROGRAM_SERVED: assets, Event.CONSOLE_SERVED: console}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        _raise_file_limit()
        found = build(settings, assets, console)
        migrate.require_current(found.database)
        app.state.services = found
        with serving(settings):
            await worker.announce(found, {event: built.hash for event, built in browsers.items() if built})
            await worker.first_checkpoints(found)
            rounds = asyncio.create_task(worker.run(found))
            yield
            rounds.cancel()
            with suppress(asyncio.CancelledError):
                await rounds
        found.database.close()

    app = FastAPI(
        title="Testimony Intake",
        version=intake.__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # the framework's own routes would be undeclared ones; ours is below
        redirect_slashes=False,
    )
    app.add_middleware(Shield, scripts=bool(assets or console))
    problems.install(app)

    @unaudited("describes the interface; the same for everybody")
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    for router in routers:
        # As they are: `include_router` would build each route a second time, longer work than all the rest.
        app.router.routes.extend(router.routes)
    audited.declarations(app)
    return app


def _raise_file_limit() -> None:
    """A submission holds a file open for each of its parts until it is stored."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
