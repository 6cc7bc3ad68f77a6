"""What every request of the review door shows: its session, what it is for, and that it is our own page's."""

from fastapi import Request
from fastapi.responses import Response

from intake.errors import Forbidden
from intake.http.context import services
from intake.people.roles import Action
from intake.people.sessions import LIFE
from intake.sharing.access import Visit

COOKIE = "__Host-review"


def visit(request: Request, action: Action) -> Visit:
    """The credentials of a member's request. `Forbidden` if another site's page sent it."""
    require_own_page(request)
    return Visit(request.cookies.get(COOKIE, ""), action)


def require_own_page(request: Request) -> None:
    """SameSite=Strict keeps other sites' requests out; where a browser says whose page it was, so does this.

    Whatever changes something must say it: Fetch Metadata, or the Origin that browsers send with it.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = services(request).settings.review_url
    if (site not in (None, "same-origin", "none")) or (origin not in (None, own)):
        raise Forbidden("other_site", "the request comes from another site's page")
    if request.method not in ("GET", "HEAD") and origin != own:
        raise Forbidden("other_site", "the request does not say that it comes from this site's own page")


def set_cookie(response: Response, value: str) -> None:
    """The session's cookie; `__Host-` keeps other hosts and plain HTTP from setting one (RFC 6265bis)."""
    response.set_cookie(COOKIE, value, max_age=LIFE, secure=True, httponly=True, samesite="strict")


def drop_cookie(response: Response) -> None:
    """Nobody is logged in any more, and no cached page says otherwise."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
    response.headers["clear-site-data"] = '"cache", "storage"'
