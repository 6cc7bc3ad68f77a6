"""On PostgreSQL: what the service's role may do, where it is another than the owner of the tables.

It reads every column but those of content, which it gets from `intake_disclose` for a ticket. It can add
to the logs, not rewrite them. A table that is missing here is one that it cannot touch.
"""

from sqlalchemy import Connection, Table, text

from intake.db.guard import CONTENT
from intake.db.tables import metadata
from intake.errors import ConfigurationError

# Besides SELECT. Erasing a record's openings is the one change that a log knows: `intake_erase` makes it.
RIGHTS: dict[str, str] = {
    "mechanisms": "INSERT, UPDATE",
    "profiles": "INSERT",
    "members": "INSERT, UPDATE (certificate, revoked)",
    "clients": "INSERT, UPDATE",
    "tokens": "INSERT, DELETE",
    "seen_proofs": "INSERT, DELETE",
    "disclosures": "INSERT, UPDATE (leaf), DELETE",
    "records": "INSERT, UPDATE (entries, revision), DELETE",
    "statements": "INSERT, DELETE",
    "audience": "INSERT, DELETE",
    "payloads": "INSERT, UPDATE (merge_after), DELETE",
    "parts": "INSERT, UPDATE (blob), DELETE",
    "compartments": "INSERT, DELETE",
    "grants": "INSERT, UPDATE (locked), DELETE",
    "memberships": "INSERT, UPDATE (document, removed_day, removed_epoch)",
    "invitations": "INSERT, UPDATE (used), DELETE",
    "applications": "INSERT, UPDATE, DELETE",
    "passkeys": "INSERT, UPDATE (sign_count, name), DELETE",
    "vaults": "INSERT, UPDATE, DELETE",
    "challenges": "INSERT, DELETE",
    "sessions": "INSERT, UPDATE (purpose, seen, fresh), DELETE",
    "proposals": "INSERT, UPDATE (state, decided_by)",
    "wraps": "INSERT, UPDATE, DELETE",
    "drills": "INSERT, UPDATE",
    "citations": "INSERT, UPDATE (last)",
    "statuses": "INSERT, UPDATE, DELETE",
    "assignments": "INSERT, DELETE",
    "member_grants": "INSERT, UPDATE, DELETE",
    "identity_requests": "INSERT, UPDATE (state, decided_by, expires), DELETE",
    "openings": "INSERT, DELETE",
    "budgets": "INSERT, UPDATE",
    "alarms": "INSERT, UPDATE (seen_by)",
    "triage_seen": "INSERT, DELETE",
    "workspaces": "INSERT, UPDATE (entries, gone), DELETE",
    "workspace_grants": "INSERT, UPDATE, DELETE",
    "work": "INSERT, DELETE",
    "work_files": "INSERT, UPDATE (blob), DELETE",
    "case_records": "INSERT, DELETE",
    "deadlines": "INSERT, UPDATE (done_day), DELETE",
    "drafts": "INSERT, UPDATE, DELETE",
    "withdrawals": "INSERT, UPDATE (answer, answered_day), DELETE",
    "deletions": "INSERT, DELETE",
    "handovers": "INSERT, DELETE",
    "messages": "INSERT, DELETE",
    "standings": "INSERT, UPDATE, DELETE",
    "receipts": "INSERT, DELETE",
    "restorations": "INSERT, UPDATE (state), DELETE",
    "uploads": "INSERT, UPDATE, DELETE",
    "answers": "INSERT, DELETE",
    "log_heads": "INSERT, UPDATE (size)",
    "log_entries": "INSERT",
    "log_pending": "INSERT, DELETE",
    "log_tiles": "INSERT",
    "checkpoints": "INSERT",
    "cosignatures": "INSERT",
    "witnesses": "INSERT",
    "timestamp_authorities": "INSERT",
    "timestamps": "INSERT",
    "refusals": "INSERT, UPDATE (count)",
    "tickets": "INSERT, DELETE",
}
_FUNCTIONS = ("intake_disclose(bytea)", "intake_disclose_triage(bytea, bytea[])", "intake_erase(bytea)")
# Of a ticket nobody but the function reads more than when it expires.
_HIDDEN = CONTENT | {"tickets": frozenset({"id", "part", "kind", "leaf"})}


def grant(connection: Connection, role: str | None) -> list[str]:
    """Give `role`, and every role that was given this before, exactly these rights; return their names.

    `ConfigurationError` if there is no such role, or it would have more: the owner's own, a superuser's.
    """
    roles = {name for (name,) in connection.execute(text(_BEFORE))} | ({role} if role else set())
    for name in sorted(roles):
        _require_plain(connection, name)
        quoted = connection.dialect.identifier_preparer.quote_identifier(name)
        schema = connection.dialect.identifier_preparer.quote_identifier(
            connection.execute(text("SELECT current_schema()")).scalar_one()
        )
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
        connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quoted}"))
        for table in metadata.sorted_tables:
            connection.execute(text(f"GRANT {_rights(table)} ON {schema}.{table.name} TO {quoted}"))
        connection.execute(text(f"GRANT SELECT ON {schema}.alembic_version TO {quoted}"))
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}"))
        for function in _FUNCTIONS:
            connection.execute(text(f"GRANT EXECUTE ON FUNCTION {schema}.{function} TO {quoted}"))
        _require_shut_out(connection, name)
    return sorted(roles)


def require_owner(connection: Connection) -> None:
    """`ConfigurationError` if there are tables, and they belong to another role."""
    query = "SELECT pg_has_role(tableowner, 'USAGE') FROM pg_tables WHERE tablename = 'alembic_version'"
    if connection.execute(text(query + " AND schemaname = current_schema()")).scalar_one_or_none() is False:
        raise ConfigurationError(
            "migrating needs INTAKE_DATABASE_URL with the role that owns the tables, not the service's"
        )


_BEFORE = """
    SELECT r.rolname FROM pg_proc p, aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE p.proname = 'intake_disclose' AND p.pronamespace = current_schema()::regnamespace
    AND a.grantee <> p.proowner
"""


def _require_shut_out(connection: Connection, role: str) -> None:
    """After all grants: rights that came from elsewhere would undo the division."""
    for table, columns in _HIDDEN.items():
        for column in sorted(columns):
            query = text("SELECT has_column_privilege(:role, :table, :column, 'SELECT')")
            if connection.execute(query, {"role": role, "table": table, "column": column}).scalar_one():
                raise ConfigurationError(
                    f"the role {role} may read {table}.{column} all the same, by PUBLIC or by a role that it"
                    " is a member of: revoke that"
                )


def _rights(table: Table) -> str:
    hidden = _HIDDEN.get(table.name, frozenset())
    shown = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in hidden)
    return ", ".join((f"SELECT ({shown})", *([RIGHTS[table.name]] if table.name in RIGHTS else [])))


def _require_plain(connection: Connection, role: str) -> None:
    """A role that has the owner's rights would make the whole division a decoration."""
    found = connection.execute(
        text(
            "SELECT rolsuper OR pg_has_role(rolname, current_user, 'MEMBER')"
            " FROM pg_roles WHERE rolname = :role"
        ),
        {"role": role},
    ).scalar_one_or_none()
    if found is None:
        raise ConfigurationError(f"there is no role {role}: CREATE ROLE {role} LOGIN PASSWORD '…'")
    if found:
        raise ConfigurationError(f"the role {role} has the rights of the tables' owner: make another one")
