"""Who is reading: a mechanism's program, or one of its members."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """An authenticated reader, bound to one mechanism and one purpose: "" of whose roles see no content.

    Either `client` or `member` is set. `roles` are the member's, as its mechanism's root signed them.
    """

    mechanism: str
    purpose: str
    client: str | None = None
    member: str | None = None
    roles: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As budgets, approvals and alarms call the reader: a member's id, or "client:" and a program's."""
        return self.member or f"client:{self.client}"
