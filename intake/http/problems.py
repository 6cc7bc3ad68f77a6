"""The one map from refusals to answers: RFC 9457 problem details for programs, a page for people."""

import logging

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from crypto.errors import CryptoError
from intake import errors, logs
from intake.http.context import services
from intake.http.pages import message
from intake.i18n import LANGUAGES

_STATUS: tuple[tuple[type[errors.IntakeError], int], ...] = (
    (errors.Malformed, 400),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.TooLarge, 413),
    (errors.Invalid, 422),
    (errors.Busy, 429),
    (errors.Unavailable, 503),
    (errors.StorageFull, 507),
)
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def status_of(error: errors.IntakeError) -> int:
    """The HTTP status of a refusal."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def is_api(path: str) -> bool:
    """Whether programs, not people, ask here."""
    return path.startswith(("/v1/", "/feed/", "/review/", "/log/", "/oauth/", "/.well-known/", "/openapi"))


def problem(status: int, code: str, detail: str, **values: str | int) -> JSONResponse:
    """An `application/problem+json` answer."""
    body = {"type": f"urn:intake:problem:{code}", "title": code.replace("_", " "), "status": status}
    headers = {}
    if "retry_after" in values:
        headers["Retry-After"] = str(values["retry_after"])
    return JSONResponse(
        body | {"code": code, "detail": detail} | values,
        status,
        headers=headers,
        media_type="application/problem+json",
    )


def answer(request: Request, status: int, code: str, detail: str, **values: str | int) -> Response:
    """A problem for programs, or a page in the person's language."""
    if is_api(request.url.path):
        return problem(status, code, detail, **values)
    language = request.url.path.split("/")[1]
    language = language if language in LANGUAGES else "en"
    text = message(code, language, **values)
    page = services(request).pages.render("error.html", language, title=str(status), text=text)
    return HTMLResponse(page, status)


def install(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(errors.IntakeError)
    async def refused(request: Request, error: errors.IntakeError) -> Response:
        status = status_of(error)
        if status >= 500:
            logs.event("unavailable", logging.ERROR, error=error, status=status)
        return answer(request, status, error.code, error.detail, **error.values)

    @app.exception_handler(CryptoError)
    async def malformed(request: Request, error: CryptoError) -> Response:
        return answer(request, 422, "malformed", str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # The library's own answer repeats the input; ours names the places only.
        places = sorted({".".join(str(part) for part in e["loc"]) for e in error.errors()})
        return answer(request, 422, "malformed", "not as the interface describes: " + ", ".join(places[:10]))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, errors.IntakeError):  # the framework wraps what reading a body raises
            return await refused(request, error.__cause__)
        code = _HTTP_CODES.get(error.status_code, "malformed")
        return answer(request, error.status_code, code, code.replace("_", " "))

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        logs.event("internal", logging.ERROR, error=error)
        return answer(request, 500, "internal", "an error on the server; it was noted without your data")
