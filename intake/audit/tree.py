"""A log's tree in SQL: leaves in `log_entries`, full tiles in `log_tiles`; all else follows from them."""

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from crypto import merkle, tiles
from crypto.merkle import HASH_SIZE, Subtrees
from crypto.tiles import ENTRIES, WIDTH, Tile
from intake.db.tables.audit import log_entries, log_tiles
from intake.errors import NotFound


def grown(connection: Connection, mechanism: str, log: str, size: int) -> None:
    """Write the tiles that became full with the leaf that made the log `size` long."""
    level, index = 0, size // WIDTH - 1
    if size % WIDTH:
        return
    hashes = b"".join(merkle.leaf_hash(e) for e in leaves(connection, mechanism, log, index * WIDTH, size))
    while True:
        row = {"mechanism": mechanism, "log": log, "level": level, "index": index}
        root = tiles.tile_root(hashes)
        connection.execute(insert(log_tiles).values(**row, root=root, hashes=hashes))
        if (index + 1) % WIDTH:
            return
        level, index = level + 1, index // WIDTH
        hashes = _roots(connection, mechanism, log, level, index)


def leaves(connection: Connection, mechanism: str, log: str, start: int, end: int) -> list[bytes]:
    """Leaves `start` to `end` (exclusive), 65 bytes each; `NotFound` if one is missing."""
    query = (
        select(log_entries.c.leaf)
        .where(log_entries.c.mechanism == mechanism, log_entries.c.log == log)
        .where(log_entries.c.index >= start, log_entries.c.index < end)
        .order_by(log_entries.c.index)
    )
    found = list(connection.execute(query).scalars())
    if len(found) != end - start:
        raise NotFound("not_found", "an entry of the log is missing")
    return found


def subtrees(connection: Connection, mechanism: str, log: str, size: int) -> Subtrees:
    """Complete subtrees of the tree of `size`, for roots and proofs."""
    return tiles.subtrees(
        _cached(lambda level, index: hashes(connection, mechanism, log, size, level, index))
    )


def root(connection: Connection, mechanism: str, log: str, size: int) -> bytes:
    """The root at `size`."""
    return merkle.tree_root(size, subtrees(connection, mechanism, log, size))


def hashes(connection: Connection, mechanism: str, log: str, size: int, level: int, index: int) -> bytes:
    """A tile's hashes in the tree of `size`: from its row if it is full, else made from what lies below."""
    width = min(WIDTH, (size >> tiles.HEIGHT * level) - index * WIDTH)
    if width <= 0:
        raise NotFound("not_found", "the tree has no such tile")
    if width == WIDTH:
        query = select(log_tiles.c.hashes).where(
            log_tiles.c.mechanism == mechanism,
            log_tiles.c.log == log,
            log_tiles.c.level == level,
            log_tiles.c.index == index,
        )
        found = connection.execute(query).scalar_one_or_none()
        if found is None:
            raise NotFound("not_found", "a tile of the log is missing")
        return bytes(found)
    if level:
        return _roots(connection, mechanism, log, level, index)[: width * HASH_SIZE]
    start = index * WIDTH
    return b"".join(merkle.leaf_hash(e) for e in leaves(connection, mechanism, log, start, start + width))


def differs(connection: Connection, mechanism: str, log: str, level: int, index: int) -> str | None:
    """In what a full tile's row is not what lies below it; None if it is."""
    first, end = index * WIDTH ** (level + 1), (index + 1) * WIDTH ** (level + 1)
    where = f"entries {first} to {end - 1}"
    try:
        below = (
            _roots(connection, mechanism, log, level, index)
            if level
            else b"".join(merkle.leaf_hash(e) for e in leaves(connection, mechanism, log, first, end))
        )
    except NotFound:
        return f"of {where} some are missing"
    own = log_tiles.c
    here = (own.mechanism == mechanism) & (own.log == log)
    query = select(own.hashes, own.root).where(here, own.level == level, own.index == index)
    row = connection.execute(query).one_or_none()
    if row is None:
        return f"a tile above {where} is missing"
    if len(below) != 32 * WIDTH:
        return f"a tile of {where} is missing"
    if bytes(row.hashes) != below or bytes(row.root) != tiles.tile_root(below):
        return f"{where} are not those that were appended"
    return None


def content(connection: Connection, mechanism: str, log: str, size: int, tile: Tile) -> bytes:
    """A tile or entry bundle as tlog-tiles serves it; `NotFound` if the tree of `size` lacks it.

    A partial one is served as long as it is the prefix of what is there, never beyond `size`.
    """
    below = size if tile.level == ENTRIES else size >> tiles.HEIGHT * tile.level
    if tile.index * WIDTH + tile.width > below:
        raise NotFound("not_found", "the tree has no such tile")
    start = tile.index * WIDTH
    if tile.level == ENTRIES:
        return tiles.encode_entries(leaves(connection, mechanism, log, start, start + tile.width))
    found = hashes(connection, mechanism, log, size, tile.level, tile.index)
    return found[: tile.width * HASH_SIZE]


def _roots(connection: Connection, mechanism: str, log: str, level: int, index: int) -> bytes:
    """The roots of the full tiles below a tile."""
    query = (
        select(log_tiles.c.root)
        .where(log_tiles.c.mechanism == mechanism, log_tiles.c.log == log, log_tiles.c.level == level - 1)
        .where(log_tiles.c.index >= index * WIDTH, log_tiles.c.index < (index + 1) * WIDTH)
        .order_by(log_tiles.c.index)
    )
    return b"".join(connection.execute(query).scalars())


def _cached(read: Callable[[int, int], bytes]) -> Callable[[int, int], bytes]:
    seen: dict[tuple[int, int], bytes] = {}

    def cached(level: int, index: int) -> bytes:
        if (level, index) not in seen:
            seen[level, index] = read(level, index)
        return seen[level, index]

    return cached
