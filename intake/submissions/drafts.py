"""What a person has written and not sent yet, kept so that a lost connection loses at most one page.

A draft is a number of named entries, each an age file sealed to the receipt: whoever has the disk, the
database and all keys of the server reads nothing of it. Even the names are keyed by the receipt, because
"this person began to write about a disappearance" is something that nobody else should know.

A draft expires `HOURS` after it was last saved. Receiving the testimony deletes it (`receive`).
"""

import secrets
from collections.abc import Callable

from sqlalchemy import Connection, delete, func, insert, select, update

from crypto import padding, primitives, sealing
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_stream import NONCE_SIZE
from crypto.errors import CryptoError
from crypto.receipt import ReceiptKeys
from intake import clock
from intake.db.engine import Database
from intake.db.tables.coming_back import drafts
from intake.errors import StorageFull, TooLarge, Unavailable
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
        """Keep an entry, in place of one of the same name; all others live on as long as it does.

        `TooLarge` if it is more than a draft can hold, `StorageFull` if the disk is full, or what all drafts
        together may have: then what was there is there still.
        """
        free = self._free()
        if free is not None and free < self._reserve:
            raise StorageFull("draft_no_room", "no room is left on the server for drafts")
        file, named = _seal(keys, name, value), _name(keys, name)
        expires = clock.hour_number() + HOURS
        mine = drafts.c.lookup == self.of(keys)
        with self._database.write() as connection:
            connection.execute(delete(drafts).where(mine, drafts.c.name == named))
            held = select(func.count(), _SIZE).where(mine)
            count, size = connection.execute(held).one()
            if count >= MAX_ENTRIES or size + len(file) > MAX_BYTES:
                raise TooLarge("draft_full", "the draft holds as much as it can", limit=MAX_BYTES)
            everything = connection.execute(select(_SIZE)).scalar_one()
            if everything + len(file) > self._most:
                raise StorageFull("draft_no_room", "all drafts together are as large as they may be")
            connection.execute(
                insert(drafts).values(lookup=self.of(keys), name=named, file=file, expires=expires)
            )
            connection.execute(update(drafts).where(mine).values(expires=expires))

    def all(self, keys: ReceiptKeys) -> dict[str, bytes]:
        """Every entry that has not expired, by name; {} if there is no draft."""
        query = select(drafts.c.file).where(
            drafts.c.lookup == self.of(keys), drafts.c.expires > clock.hour_number()
        )
        with self._database.read() as connection:
            files = list(connection.execute(query).scalars())
        try:
            return dict(_open(keys, bytes(file)) for file in files)
        except CryptoError as error:
            raise Unavailable("unavailable", "a draft does not open with its receipt") from error

    def get(self, keys: ReceiptKeys, name: str) -> bytes | None:
        """One entry."""
        return self.all(keys).get(name)

    def drop(self, keys: ReceiptKeys, name: str) -> None:
        """Forget an entry; harmless if there is none."""
        with self._database.write() as connection:
            mine = (drafts.c.lookup == self.of(keys)) & (drafts.c.name == _name(keys, name))
            connection.execute(delete(drafts).where(mine))
        self._database.forget()

    def drop_all(self, keys: ReceiptKeys) -> None:
        """Forget the whole draft."""
        with self._database.write() as connection:
            connection.execute(delete(drafts).where(drafts.c.lookup == self.of(keys)))
        self._database.forget()

    def of(self, keys: ReceiptKeys) -> str:
        """What the drafts of this receipt are kept under."""
        return self._pepper.lookup(keys.lookup)


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
