"""Log entries become leaves of Merkle trees, with openings; checkpoints, cosignatures, timestamps."""

import json
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

from crypto import log_leaf, merkle, tiles
from crypto.encoding import b64u_decode
from crypto.log_leaf import LogLeaf, Opening
from intake.db.types import Hex

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ENTRIES = sa.table(
    "log_entries",
    *(sa.column(n) for n in ("mechanism", "log", "index", "event", "time", "counter", "leaf", "opening")),
    sa.column("record", Hex()),
    sa.column("fields", sa.JSON()),
)
RECORDS = sa.table(
    "records",
    sa.column("id", Hex()),
    sa.column("record_key", Hex()),
    sa.column("share", Hex()),
    sa.column("entries"),
)
STATEMENTS = sa.table("statements", sa.column("record", Hex()), sa.column("revision"), sa.column("data"))
TILES = sa.table(
    "log_tiles", *(sa.column(n) for n in ("mechanism", "log", "level", "index", "root", "hashes"))
)


def upgrade() -> None:
    op.add_column("records", sa.Column("share", Hex(), nullable=True))
    op.add_column("records", sa.Column("entries", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("records") as batch:
        batch.alter_column("entries", existing_type=sa.Integer(), server_default=None)
    with op.batch_alter_table("log_heads") as batch:
        batch.alter_column("size", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
    for column in (
        sa.Column("leaf", sa.LargeBinary(), nullable=True),
        sa.Column("counter", sa.Integer(), nullable=True),
        sa.Column("opening", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("log_entries", column)
    _create_tables()
    connection = op.get_bind()
    _fill_shares(connection)
    _fill_leaves(connection)
    with op.batch_alter_table("log_entries") as batch:
        batch.drop_index("ix_log_entries_record")
        batch.alter_column(
            "index", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False
        )
        batch.alter_column("leaf", existing_type=sa.LargeBinary(), nullable=False)
        batch.alter_column("event", existing_type=sa.String(32), nullable=True)
        batch.drop_column("time")
        batch.drop_column("fields")
        batch.create_index("ix_log_entries_record_counter", ["record", "counter"])


def _fill_shares(connection: sa.Connection) -> None:
    first = sa.select(STATEMENTS.c.record, STATEMENTS.c.data).where(STATEMENTS.c.revision == 1)
    for record, data in connection.execute(first).all():
        share = b64u_decode(json.loads(bytes(data))["share"], 32).hex()
        connection.execute(sa.update(RECORDS).where(RECORDS.c.id == record).values(share=share))


def _fill_leaves(connection: sa.Connection) -> None:
    keys: dict[str, str | None] = {
        row.id: row.record_key for row in connection.execute(sa.select(RECORDS.c.id, RECORDS.c.record_key))
    }
    counters: dict[str, int] = {}
    hashes: dict[tuple[str, str], list[bytes]] = {}
    order = (ENTRIES.c.mechanism, ENTRIES.c.log, ENTRIES.c.index)
    old = sa.select(*order, ENTRIES.c.event, ENTRIES.c.time, ENTRIES.c.record, ENTRIES.c.fields)
    for row in connection.execute(old.order_by(*order)).mappings().all():
        values: dict[str, Any] = {
            "event": row["event"],
            "mechanism": row["mechanism"],
            "day": row["time"][:10],
        }
        values |= {name: value for name, value in row["fields"].items() if value is not None}
        if row["time"][11:]:
            values["hour"] = int(row["time"][11:])
        tag, counter = secrets.token_bytes(32), None
        if row["record"]:
            values["record"] = row["record"]
            key = keys.get(row["record"])
            if key:
                counter = counters.get(row["record"], 0)
                counters[row["record"]] = counter + 1
                tag = log_leaf.tag(bytes.fromhex(key), counter)
        opening = Opening.salted(values, secrets.token_bytes)
        leaf = LogLeaf(tag, opening.commitment()).encode()
        hashes.setdefault((row["mechanism"], row["log"]), []).append(merkle.leaf_hash(leaf))
        here = [column == row[column.name] for column in order]
        connection.execute(
            sa.update(ENTRIES).where(*here).values(leaf=leaf, counter=counter, opening=opening.encode())
        )
    for record, count in counters.items():
        connection.execute(sa.update(RECORDS).where(RECORDS.c.id == record).values(entries=count))
    for (mechanism, log), found in hashes.items():
        _fill_tiles(connection, mechanism, log, found)


def _fill_tiles(connection: sa.Connection, mechanism: str, log: str, hashes: list[bytes]) -> None:
    level = 0
    while len(hashes) >= tiles.WIDTH:
        roots = []
        for index in range(len(hashes) // tiles.WIDTH):
            tile = b"".join(hashes[index * tiles.WIDTH : (index + 1) * tiles.WIDTH])
            roots.append(tiles.tile_root(tile))
            row = {"mechanism": mechanism, "log": log, "level": level, "index": index}
            connection.execute(sa.insert(TILES).values(**row, root=roots[-1], hashes=tile))
        hashes, level = roots, level + 1


def _create_tables() -> None:
    def of_a_log() -> list[sa.Column[Any]]:
        return [
            sa.Column("mechanism", sa.String(32), nullable=False),
            sa.Column("log", sa.String(8), nullable=False),
        ]

    def to_head(table: str) -> sa.ForeignKeyConstraint:
        name = op.f(f"fk_{table}_mechanism_log_heads")
        return sa.ForeignKeyConstraint(
            ["mechanism", "log"], ["log_heads.mechanism", "log_heads.log"], name=name
        )

    op.create_table(
        "log_pending",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        *of_a_log(),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.String(32), nullable=True),
        sa.Column("record", Hex(), nullable=True),
        sa.Column("counter", sa.Integer(), nullable=True),
        sa.Column("opening", sa.LargeBinary(), nullable=True),
        to_head("log_pending"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_pending")),
    )
    op.create_index("ix_log_pending_mechanism_log", "log_pending", ["mechanism", "log"])
    op.create_table(
        "log_tiles",
        *of_a_log(),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        to_head("log_tiles"),
        sa.PrimaryKeyConstraint("mechanism", "log", "level", "index", name=op.f("pk_log_tiles")),
    )
    op.create_table(
        "checkpoints",
        *of_a_log(),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        to_head("checkpoints"),
        sa.PrimaryKeyConstraint("mechanism", "log", "size", name=op.f("pk_checkpoints")),
    )
    key = ["mechanism", "log", "size"]
    for table, columns, primary in (
        (
            "cosignatures",
            [
                sa.Column("key", sa.String(2048), nullable=False),
                sa.Column("line", sa.String(4096), nullable=False),
            ],
            "key",
        ),
        (
            "timestamps",
            [
                sa.Column("authority", sa.String(256), nullable=False),
                sa.Column("day", sa.String(10), nullable=False),
                sa.Column("token", sa.LargeBinary(), nullable=False),
            ],
            "authority",
        ),
    ):
        op.create_table(
            table,
            *of_a_log(),
            sa.Column("size", sa.BigInteger(), nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                key, [f"checkpoints.{n}" for n in key], name=op.f(f"fk_{table}_mechanism_checkpoints")
            ),
            sa.PrimaryKeyConstraint(*key, primary, name=op.f(f"pk_{table}")),
        )


def downgrade() -> None:
    signed = sa.select(sa.func.count()).select_from(sa.table("checkpoints"))
    if op.get_bind().execute(signed).scalar_one():
        raise RuntimeError("checkpoints were signed: without leaves nobody could believe these logs again")
    op.add_column("log_entries", sa.Column("time", sa.String(13), nullable=False, server_default=""))
    op.add_column("log_entries", sa.Column("fields", sa.JSON(), nullable=False, server_default="{}"))
    connection = op.get_bind()
    order = (ENTRIES.c.mechanism, ENTRIES.c.log, ENTRIES.c.index)
    for row in connection.execute(sa.select(*order, ENTRIES.c.opening)).mappings().all():
        values = Opening.parse(bytes(row["opening"])).values if row["opening"] else {}
        day, hour = values.pop("day", ""), values.pop("hour", None)
        for name in ("event", "mechanism", "record"):
            values.pop(name, None)
        time = f"{day}T{hour:02}" if isinstance(hour, int) else str(day)
        here = [column == row[column.name] for column in order]
        connection.execute(sa.update(ENTRIES).where(*here).values(time=time, fields=values))
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.event.is_(None)).values(event="erased"))
    with op.batch_alter_table("log_entries") as batch:
        batch.drop_index("ix_log_entries_record_counter")
        batch.alter_column("time", existing_type=sa.String(13), server_default=None)
        batch.alter_column("fields", existing_type=sa.JSON(), server_default=None)
        batch.alter_column("event", existing_type=sa.String(32), nullable=False)
        batch.alter_column(
            "index", existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False
        )
        for name in ("leaf", "counter", "opening"):
            batch.drop_column(name)
        batch.create_index(op.f("ix_log_entries_record"), ["record"])
    for table in ("timestamps", "cosignatures", "checkpoints", "log_tiles", "log_pending"):
        op.drop_table(table)
    with op.batch_alter_table("log_heads") as batch:
        batch.alter_column("size", existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False)
    with op.batch_alter_table("records") as batch:
        batch.drop_column("entries")
        batch.drop_column("share")
