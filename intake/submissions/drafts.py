"""What a person has written and not sent yet, kept so that a lost connection loses at most one page.

A draft is a number of named entries, each an age file sealed to the receipt: whoever has the disk, the
database and all keys of the server reads nothing of it. Even the names are keyed by the receipt, because
"this person began to write about a disappearance" is something that nobody else should know.

The long form seals and opens the entries here, with the receipt that came in the request; a browser seals
and opens them itself, and brings what is left of its receipt: `lookup` and `auth`. Where a draft is kept
follows from both (`address`), so that nothing has to be stored of a receipt before it was used.

A draft expires `HOURS` after it was last saved. Receiving the testimony deletes it (`receive`).
"""

import secrets
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, delete, func, insert, select, update

from crypto import age_header, age_stream, padding, primitives, sealing
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_stream import NONCE_SIZE
from crypto.errors import CryptoError, FormatError
from crypto.receipt import ReceiptKeys
from intake import clock
from intake.db.engine import Database
from intake.db.tables.coming_back import drafts
from intake.errors import Invalid, StorageFull, TooLarge, Unavailable
from intake.settings import MIB
from intake.submissions.secrets import Pepper

HOURS = 7 * 24
MAX_ENTRIES = 64
MAX_BYTES = 12 * MIB  # of all sealed entries of one receipt together
_SIZE = func.coalesce(func.sum(func.length(drafts.c.file)), 0)  # of these rows; no content is read for it
_LENGTH = 4  # bytes before name and value that say how long they are


class Drafts:
    """The drafts of all receipts. Blocks.

    `free` says how many bytes are left on the disk, or None where nobody knows; below `reserve` nothing
    new is kept. `most` is how many bytes all sealed entries of everybody may have together: whoever writes
    one is unknown, and what a database file has grown to it keeps.
    """

    def __init__(
        self,
        database: Database,
        pepper: Pepper,
        free: Callable[[], int | None],
        reserve: int,
        most: int,
    ) -> None:
        self._database = database
        self._pepper = pepper
        self._free = free
        self._reserve = reserve
        self._most = most

    def put(self, keys: ReceiptKeys, name: str, value: bytes) -> None:
        """Seal an entry and keep it, as `take` does."""
        self.take(self.of(keys), {_name(keys, name): _seal(keys, name, value)})

    def take(self, mine: str, entries: Mapping[str, bytes | None]) -> None:
        """Keep sealed entries of one draft, in place of those of the same names; None forgets one.

        All of them or none; all others live on as long as they do. `TooLarge` if it is more than a draft can
        hold, `StorageFull` if the disk is full, or what all drafts together may have: then what was there is
        there still.
        """
        kept = {name: file for name, file in entries.items() if file is not None}
        free = self._free()
        if kept and free is not None and free < self._reserve:
            raise StorageFull("draft_no_room", "no room is left on the server for drafts")
        expires = clock.hour_number() + HOURS
        here, more = drafts.c.lookup == mine, sum(len(file) for file in kept.values())
        with self._database.write() as connection:
            connection.execute(delete(drafts).where(here, drafts.c.name.in_(list(entries))))
            count, size = connection.execute(select(func.count(), _SIZE).where(here)).one()
            if kept and (count + len(kept) > MAX_ENTRIES or size + more > MAX_BYTES):
                raise TooLarge("draft_full", "the draft holds as much as it can", limit=MAX_BYTES)
            everything = connection.execute(select(_SIZE)).scalar_one()
            if kept and everything + more > self._most:
                raise StorageFull("draft_no_room", "all drafts together are as large as they may be")
            for name, file in kept.items():
                connection.execute(insert(drafts).values(lookup=mine, name=name, file=file, expires=expires))
            if kept:
                connection.execute(update(drafts).where(here).values(expires=expires))
        if len(kept) < len(entries):
            self._database.forget()

    def all(self, keys: ReceiptKeys) -> dict[str, bytes]:
        """Every entry that has not expired, by name; {} if there is no draft."""
        try:
            return dict(_open(keys, file) for file in self.listed(self.of(keys)).values())
        except CryptoError as error:
            raise Unavailable("unavailable", "a draft does not open with its receipt") from error

    def listed(self, mine: str) -> dict[str, bytes]:
        """The sealed entries of one draft that have not expired, by keyed name."""
        query = select(drafts.c.name, drafts.c.file).where(
            drafts.c.lookup == mine, drafts.c.expires > clock.hour_number()
        )
        with self._database.read() as connection:
            return {name: bytes(file) for name, file in connection.execute(query)}

    def get(self, keys: ReceiptKeys, name: str) -> bytes | None:
        """One entry."""
        return self.all(keys).get(name)

    def drop(self, keys: ReceiptKeys, name: str) -> None:
        """Forget an entry; harmless if there is none."""
        self.take(self.of(keys), {_name(keys, name): None})

    def drop_all(self, keys: ReceiptKeys) -> None:
        """Forget the whole draft."""
        self.clear(self.of(keys))

    def clear(self, mine: str) -> None:
        """Forget the whole draft that is kept here."""
        with self._database.write() as connection:
            connection.execute(delete(drafts).where(drafts.c.lookup == mine))
        self._database.forget()

    def of(self, keys: ReceiptKeys) -> str:
        """What the drafts of this receipt are kept under."""
        return self.under(keys.lookup, keys.auth)

    def under(self, lookup: bytes, auth: bytes) -> str:
        """The same, for those who hold the receipt themselves and show these two of its secrets."""
        return address(self._pepper.lookup(lookup), primitives.sha256(auth).hex())


def address(lookup: str, auth: str) -> str:
    """Where the drafts of a receipt are kept; `lookup` and `auth` as in the table of records, hex."""
    return primitives.sha256(b"intake/draft/v1", bytes.fromhex(lookup), bytes.fromhex(auth)).hex()


def check(file: bytes) -> None:
    """`Invalid` unless this is an age file as `_seal` makes it: one reader, padded, whole."""
    try:
        header = age_header.parse(file)
        age_header.require_post_quantum(header)
        size = age_stream.plain_length(len(file) - len(header.raw))
        if size != padding.padded_length(size, padding.TEXT_FLOOR):
            raise FormatError("an entry is padded")
    except CryptoError as error:
        raise Invalid("malformed", f"not a sealed entry of a draft: {error}") from error


def expire(connection: Connection) -> int:
    """Delete what has expired; how many entries. Called by maintenance."""
    return connection.execute(delete(drafts).where(drafts.c.expires <= clock.hour_number())).rowcount


def _name(keys: ReceiptKeys, name: str) -> str:
    """What stands in the database for a name, hex: it says nothing to whoever has no receipt."""
    key = primitives.hkdf(keys.auth, b"intake/draft-name/v1")
    return primitives.hmac_sha256(key, name.encode()).hex()


def _seal(keys: ReceiptKeys, name: str, value: bytes) -> bytes:
    """One age file of name and value, padded: its length tells little of the text's."""
    named = name.encode()
    plain = b"".join((len(named).to_bytes(_LENGTH, "big"), named, len(value).to_bytes(_LENGTH, "big"), value))
    plain += bytes(padding.padded_length(len(plain), padding.TEXT_FLOOR) - len(plain))
    return sealing.seal_file(
        plain,
        keys.identity.recipient,
        file_key=secrets.token_bytes(FILE_KEY_SIZE),
        nonce=secrets.token_bytes(NONCE_SIZE),
    )


def _open(keys: ReceiptKeys, file: bytes) -> tuple[str, bytes]:
    plain = sealing.open_file(file, [keys.identity])
    name, rest = _counted(plain)
    value, _ = _counted(rest)
    return name.decode(), value


def _counted(data: bytes) -> tuple[bytes, bytes]:
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    return data[_LENGTH:end], data[end:]
