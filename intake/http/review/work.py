"""Workspaces and what is written in them: notes, tags, decisions, derivatives. It comes sealed."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from crypto.compartments import MAX_GRANT
from crypto.encoding import b64u_decode, b64u_encode, utf8
from crypto.envelopes import MAX_ENVELOPE
from crypto.work import MAX_FILES
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_store, in_thread, services
from intake.http.download import part_response
from intake.http.review.door import visit
from intake.people.roles import Action
from intake.reviewing.work import MAX_PAYLOAD, Listed, SentEntry
from intake.reviewing.workspaces import MAX_GRANTS, PAGE, Grant, Shown

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)
_RECORD, _ID = r"^[0-9a-f]{64}$", r"^[0-9a-f]{32}$"
_READER = r"^([a-z0-9][a-z0-9-]{0,30}[a-z0-9]|epoch:[1-9][0-9]{0,8})$"


def _encoded(size: int) -> int:
    return size * 4 // 3 + 4  # characters of base64url


class Strict(BaseModel):
    """Exactly these names and types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SentGrant(Strict):
    """The workspace's identity for one reader: a member's id or `epoch:N`, and an age file (base64url)."""

    reader: Annotated[str, Field(pattern=_READER)]
    file: Annotated[str, Field(max_length=_encoded(MAX_GRANT))]


class SentGrants(Strict):
    """Grants of a workspace."""

    grants: Annotated[list[SentGrant], Field(max_length=MAX_GRANTS)]

    def taken(self) -> list[Grant]:
        """As the workspaces take them."""
        return [Grant(grant.reader, b64u_decode(grant.file)) for grant in self.grants]


class NewWorkspace(SentGrants):
    """A record's workspace: the signed envelope as text, and its first grants."""

    record: Annotated[str, Field(pattern=_RECORD)]
    envelope: Annotated[str, Field(max_length=MAX_ENVELOPE)]


class SentFile(Strict):
    """A derivative's file: its id, its header (base64url), and the name of the complete upload."""

    part: Annotated[str, Field(pattern=_ID)]
    header: Annotated[str, Field(max_length=4096)]
    upload: Annotated[str, Field(max_length=64)]


class NewEntry(Strict):
    """An entry: the signed envelope as text, the part's header and payload (base64url), files."""

    envelope: Annotated[str, Field(max_length=MAX_ENVELOPE)]
    header: Annotated[str, Field(max_length=4096)]
    payload: Annotated[str, Field(max_length=_encoded(MAX_PAYLOAD))]
    files: Annotated[list[SentFile], Field(max_length=MAX_FILES)] = []


@audited(Event.WORK_LISTED)
@router.get("/workspaces")
async def workspaces(
    request: Request,
    after: Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> JSONResponse:
    """The workspaces with a grant for oneself, by id, after this one."""
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    listed = await in_thread(lambda: found.workspaces.listed(asked, after, limit))
    return JSONResponse({"workspaces": [shown_workspace(one) for one in listed]})


@audited(Event.WORK_LISTED)
@router.get("/records/{record}/workspace")
async def workspace(request: Request, record: str) -> JSONResponse:
    """The record's workspace (null: there is none), and the cards of the members who see the record."""
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    one, cards = await in_thread(lambda: found.workspaces.of_record(asked, record))
    return JSONResponse(
        {
            "workspace": None if one is None else shown_workspace(one),
            "cards": shown_cards(cards),
        }
    )


@audited(Event.WORK_WRITTEN)
@router.post("/workspaces")
async def create(request: Request, sent: NewWorkspace) -> JSONResponse:
    """Begin a record's workspace. 409 `workspace_exists`: it has one; fetch that."""
    found = services(request)
    asked, grants = visit(request, Action.WRITE), sent.taken()
    made = await in_thread(lambda: found.workspaces.create(asked, sent.record, utf8(sent.envelope), grants))
    return JSONResponse({"workspace": made})


@audited(Event.WORK_WRITTEN)
@router.post("/workspaces/{workspace}/grants")
async def grant(request: Request, workspace: str, sent: SentGrants) -> JSONResponse:
    """Give the workspace's identity to others who see the record, or to a new epoch."""
    found = services(request)
    asked, grants = visit(request, Action.SHARE), sent.taken()
    await in_thread(lambda: found.workspaces.grant(asked, workspace, grants))
    return JSONResponse({"grants": len(grants)})


@audited(Event.WORK_WRITTEN)
@router.delete("/workspaces/{workspace}/grants/{reader}")
async def take_back(request: Request, workspace: str, reader: str) -> JSONResponse:
    """Drop a grant that does not open: one's own, or by a key-holder anybody's."""
    found = services(request)
    asked = visit(request, Action.SHARE)
    await in_thread(lambda: found.workspaces.take_back(asked, workspace, reader))
    return JSONResponse({"reader": reader})


@audited(Event.WORK_LISTED)
@router.get("/workspaces/{workspace}/work")
async def listed(
    request: Request, workspace: str, after: Annotated[int, Query(ge=0, lt=2**31)] = 0
) -> JSONResponse:
    """Entries with a number above `after`, at most a hundred; ask again from the last one's number."""
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    entries = await in_thread(lambda: found.work.listed(asked, workspace, after))
    return JSONResponse({"entries": [shown_entry(entry) for entry in entries]})


@audited(Event.WORK_WRITTEN)
@router.post("/workspaces/{workspace}/work")
async def write(request: Request, workspace: str, sent: NewEntry) -> JSONResponse:
    """Take an entry that the session's member has signed. Sent again it is the same answer.

    403 `author_differs`; 409 `entry_differs`: another entry has this id; 422 `entry_invalid`,
    `payload_differs`, `parts_differ`, `refers_unknown`, `refers_missing`, `upload_incomplete`.
    """
    found = services(request)
    asked = visit(request, Action.WRITE)
    entry = SentEntry(
        utf8(sent.envelope),
        b64u_decode(sent.header),
        b64u_decode(sent.payload),
        {file.part: (b64u_decode(file.header), file.upload) for file in sent.files},
    )
    part, number = await in_thread(lambda: found.work.write(asked, workspace, entry))
    return JSONResponse({"part": part, "number": number})


@audited(Event.WORK_LISTED, once="ranges of one download, in one session")
@router.get("/workspaces/{workspace}/files/{part}")
async def file(request: Request, workspace: str, part: str) -> Response:
    """A derivative's file, as an age file; Range."""
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    return part_response(request, await in_store(found, lambda: found.work.file(asked, workspace, part)))


def shown_workspace(one: Shown) -> dict[str, object]:
    """As it is sent."""
    return {
        "id": one.id,
        "record": one.record,
        "envelope": one.envelope.decode(),
        "grants": [{"reader": grant.reader, "file": b64u_encode(grant.file)} for grant in one.grants],
        "readers": list(one.readers),
    }


def shown_cards(cards: Mapping[str, bytes]) -> list[dict[str, str]]:
    """As they are sent."""
    return [{"member": member, "card": card.decode()} for member, card in cards.items()]


def shown_entry(entry: Listed) -> dict[str, object]:
    """As it is sent."""
    return {
        "number": entry.number,
        "part": entry.part,
        "kind": entry.kind,
        "member": entry.member,
        "day": entry.day,
        "envelope": entry.envelope.decode(),
        "header": b64u_encode(entry.header),
        "payload": b64u_encode(entry.payload),
        "files": [{"part": part, "size": size} for part, size in entry.files.items()],
    }
