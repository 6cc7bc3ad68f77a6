"""Is this machine fit to serve? Each trouble with its mend; nothing is changed.

What is stored is `check`'s subject.
"""

import hashlib
import ipaddress
import os
import resource
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from crypto.bundles import Bundle
from intake import clock
from intake.audit.keys import LogKeys
from intake.audit.publish import Cadence, Publisher
from intake.db import migrate
from intake.db.engine import Database
from intake.db.tables.submissions import payloads
from intake.errors import ConfigurationError, IntakeError
from intake.people import drills, mechanisms
from intake.settings import MIB, Settings
from intake.store.blobs import BlobStore

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CONNECTIONS = 24  # of one worker to PostgreSQL, at most
_DRILL_AFTER = timedelta(days=14)  # of new keys
_PROBE = os.urandom(100_000)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is not right with which `part`, and the mend. `grave`: testimonies are at risk."""

    part: str
    what: str
    mend: str
    grave: bool = False


def examine(settings: Settings, database: Database, store: BlobStore) -> Iterator[Trouble]:
    """All that is not as it should be."""
    yield from _settings(settings)
    yield from _permissions(settings)
    yield from _disk(settings, store)
    yield from _process(settings)
    yield from _database(settings, database)
    yield from _store(store)


def _settings(settings: Settings) -> Iterator[Trouble]:
    url = urlsplit(settings.public_url)
    if url.scheme == "http" and url.hostname not in _LOOPBACK and not str(url.hostname).endswith(".onion"):
        mend = "put a proxy with TLS in front, and set INTAKE_PUBLIC_URL to its https:// address"
        yield Trouble("settings", "testimonies would travel without TLS", mend, grave=True)
    if settings.host not in _LOOPBACK and url.hostname in _LOOPBACK:
        mend = "set INTAKE_PUBLIC_URL to the address that clients use: their proofs name it"
        yield Trouble(
            "settings", "the service listens to others, but its public address is this machine", mend
        )
    if not _can_have_passkeys(settings.review_url):
        mend = "set INTAKE_REVIEW_URL to an https:// address with a name, once: passkeys are for that name"
        yield Trouble("settings", "members cannot have passkeys for the address of the review door", mend)
    if settings.merge_max_hours < 1:
        mend = "set INTAKE_MERGE_MIN_HOURS and INTAKE_MERGE_MAX_HOURS back to 1 and 24"
        yield Trouble(
            "settings", "merging at once shows from the disk which photo was known", mend, grave=True
        )
    demo = settings.data_dir / "demo-mechanism-keys"
    if demo.exists() and url.hostname not in _LOOPBACK:
        mend = f"remove {demo}, and add real mechanisms by bundles that they made on their own machines"
        yield Trouble(
            "settings", "the demonstration mechanism's secret keys are on this machine", mend, grave=True
        )


def _can_have_passkeys(url: str) -> bool:
    """A secure context, and a domain (WebAuthn, 5.1.3 and 13.4.9); browsers count localhost as both."""
    found = urlsplit(url)
    try:
        ipaddress.ip_address(found.hostname or "")
    except ValueError:
        return found.scheme == "https" or found.hostname == "localhost"
    return False


def _permissions(settings: Settings) -> Iterator[Trouble]:
    for path in (settings.data_dir, settings.keys_dir, settings.keys_dir / "pepper", settings.spool_dir):
        try:
            found = path.stat()
        except OSError as error:
            yield Trouble(
                "files", f"{path}: {error.strerror}", "run 'intake migrate' as the serving user", True
            )
            continue
        if stat.S_IMODE(found.st_mode) & 0o077:
            yield Trouble("files", f"{path} can be read by other users", f"chmod go= {path}", grave=True)
        if found.st_uid != os.geteuid():
            mend = f"run this as the user that serves, or chown it to that user: {path}"
            yield Trouble("files", f"{path} belongs to another user", mend)


def _disk(settings: Settings, store: BlobStore) -> Iterator[Trouble]:
    probe = settings.spool_dir / ".doctor"
    try:
        with probe.open("wb") as file:
            file.write(_PROBE)
            os.fsync(file.fileno())
            found = os.fstat(file.fileno())
        if abs(found.st_mtime - clock.now()) > 5:
            mend = "set the clocks of this machine and of its file server by NTP"
            yield Trouble("clock", "files get another time than the clock's", mend)
    except OSError as error:
        mend = "mount it writable, or make room"
        yield Trouble("disk", f"{settings.data_dir} cannot be written: {error.strerror}", mend, grave=True)
    finally:
        probe.unlink(missing_ok=True)
    free = store.free()
    if free is not None and free < (2 * settings.reserve_mib + 1024) * MIB:
        what = f"{free // MIB} MiB are free; photos are refused below {settings.reserve_mib} MiB"
        yield Trouble("disk", what, "enlarge the volume, or move to S3: docs/operating.md", grave=True)


def _process(settings: Settings) -> Iterator[Trouble]:
    if clock.now() < datetime(2026, 1, 1, tzinfo=UTC).timestamp():
        yield Trouble(
            "clock", "the clock stands before this program was written", "set it by NTP", grave=True
        )
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 4096:
        mend = "LimitNOFILE=65536 in the unit of the service"
        yield Trouble("process", "fewer than 4096 files can be open at once", mend)
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        mend = "ulimit -c 0, or LimitCORE=0 in the unit of the service"
        yield Trouble("process", "a crash may write memory, with texts in it, to a core file", mend)
    swaps = Path("/proc/swaps")
    if swaps.exists() and len(swaps.read_text().splitlines()) > 1 and settings.plain_form:
        mend = "swapoff -a, or swap on a volume encrypted with a key of its own at each start"
        yield Trouble("process", "memory may be swapped to disk, with texts in it", mend)


def _database(settings: Settings, database: Database) -> Iterator[Trouble]:
    try:
        migrate.require_current(database)
    except ConfigurationError as error:
        yield Trouble("database", str(error), "run 'intake migrate'", grave=True)
        return
    except Exception:
        mend = "start it; compare INTAKE_DATABASE_URL with its address, user and password"
        yield Trouble("database", "it does not answer", mend, grave=True)
        return
    if database.engine.dialect.name == "postgresql":
        yield from _postgresql(settings, database)
    else:
        yield from _sqlite(settings, database)
    today = clock.day()
    with database.read() as connection:
        for bundle in mechanisms.everyone(connection):
            last = max(key.expires for key in bundle.keys)
            if date.fromisoformat(last) < date.fromisoformat(today) + timedelta(days=30):
                mend = "ask its people for a renewed bundle (intake mechanism keys), and add it"
                what = f"the keys of {bundle.mechanism} end on {last}; then nothing can be sent to it"
                yield Trouble("mechanisms", what, mend, grave=last < today)
            yield from _drills(bundle, mechanisms.drilled(connection, bundle.mechanism), today)
        late = clock.hour_number() - 2 * 24
        waiting = select(func.count()).where(payloads.c.merge_after < late)
        if connection.execute(waiting).scalar_one():
            mend = "look for 'maintenance_failed' in the log; run 'intake maintain'"
            yield Trouble("maintenance", "payloads wait for their merge since two days", mend)
    yield from _logs(settings, database)


def _drills(bundle: Bundle, drilled: set[int], today: str) -> Iterator[Trouble]:
    """Of a mechanism that takes testimonies: can its people bring its newest keys back?"""
    mechanism = bundle.mechanism
    mend = f"intake mechanism drill {mechanism} --out challenge.json: docs/mechanisms.md, Recovery"
    if not drilled:
        what = f"{mechanism} takes testimonies, and never showed that lost keys can be brought back"
        yield Trouble("mechanisms", what, mend)
        return
    keys = drills.newest(bundle)
    since = date.fromisoformat(min(key.starts for key in keys))
    if keys[0].epoch not in drilled and date.fromisoformat(today) > since + _DRILL_AFTER:
        what = f"{mechanism} made new keys on {since}, and no drill has succeeded with them"
        yield Trouble("mechanisms", what, mend)


def _postgresql(settings: Settings, database: Database) -> Iterator[Trouble]:
    with database.read() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            if connection.execute(text(f"SHOW {name}")).scalar_one() == "off":
                what = f"with {name} off, what was acknowledged can be lost"
                yield Trouble("database", what, f"ALTER SYSTEM SET {name} = on", grave=True)
        most = int(connection.execute(text("SHOW max_connections")).scalar_one())
        if most < settings.workers * _CONNECTIONS + 3:
            mend = f"max_connections = {settings.workers * _CONNECTIONS + 10}, or fewer workers"
            yield Trouble("database", f"{most} connections are too few for {settings.workers} workers", mend)
        theirs = connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
        if abs(float(theirs) - clock.now()) > 30:
            yield Trouble("clock", "the database's clock differs from this machine's", "set both by NTP")
        if connection.execute(
            text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        ).scalar_one():
            mend = "make a role that owns the database and nothing else"
            yield Trouble("database", "the service connects as a superuser", mend)


def _sqlite(settings: Settings, database: Database) -> Iterator[Trouble]:
    path = Path(str(database.engine.url.database))
    if path.stat().st_mode & 0o077 and settings.data_dir.stat().st_mode & 0o077:
        yield Trouble("files", f"{path} can be read by other users", f"chmod go= {path}*", grave=True)
    with database.read() as connection:
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    if found != "ok":
        mend = "stop the service; restore database and blobs from one backup"
        yield Trouble("database", f"SQLite finds it damaged: {found}", mend, grave=True)


def _logs(settings: Settings, database: Database) -> Iterator[Trouble]:
    """Could each log be signed as it stands? What only shows in every entry is for `check`."""
    folder = settings.keys_dir / "log"
    if not any(folder.glob("newest.*")):
        return  # nothing was ever signed
    if not all((folder / name).exists() for name in ("origin", "active")):
        what = f"{folder} has lost the keys with which logs were signed"
        yield Trouble("logs", what, "bring the folder back from a backup; do not make new keys", grave=True)
        return  # a look must not make keys
    mend = "'The logs' in docs/operating.md; 'intake check' names the entries. Do not delete anything"
    try:
        keys = LogKeys(settings.keys_dir, settings.public_url)
        cadence = Cadence(settings.publish_minutes * 60, settings.publish_block)
        for what in Publisher(database, keys, cadence).compare_all():
            yield Trouble("logs", what, mend, grave=True)
    except (ConfigurationError, DatabaseError, OSError) as error:
        what = "their rows cannot be read" if isinstance(error, DatabaseError) else str(error)
        yield Trouble("logs", what, mend, grave=True)


def _store(store: BlobStore) -> Iterator[Trouble]:
    """Write, read back, delete: with the credentials and the rules of the real store."""
    try:
        stage = store.stage()
        stage.write(_PROBE)
        (blob,) = store.publish([(stage, hashlib.sha256(_PROBE).hexdigest())])
        opened = store.open(blob)
        whole = opened.read(0, opened.size) == _PROBE and opened.read(99_000, 5_000) == _PROBE[99_000:]
        opened.close()
        store.delete(blob)
    except IntakeError as error:
        mend = "compare INTAKE_STORE_URL, INTAKE_S3_ENDPOINT and the AWS_… credentials with the store's"
        yield Trouble("store", f"it refuses to take and give back a blob ({error.detail})", mend, grave=True)
        return
    if not whole:
        yield Trouble("store", "it gives back other bytes than it took", "use another store", grave=True)
    name = os.urandom(16).hex()
    try:
        first = store.stage(name)
        first.rewind(0)
        first.write(b"first")
        first.sync()
        first.close()
        second = store.stage(name)
        second.rewind(5)
        second.close()
    except IntakeError as error:
        mend = "use a store that supports If-None-Match on PUT, and listing right after writing"
        yield Trouble("store", f"an upload cannot be continued ({error.detail})", mend, grave=True)
    finally:
        store.drop_stage(name)
