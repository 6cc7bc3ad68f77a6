"""RFC 3161: one checkpoint a day of each log is shown to authorities, as a hash, and they say when.

That bounds the time of everything below it: an operator who makes up a history later has no old tokens
for it. The authority learns that a log exists. Tokens are verified when they come, against the
certificates the operator named, and stored; `openssl ts -verify` reads them.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import Connection, insert, select

from intake import clock, logs
from intake.audit import log, publish
from intake.audit.events import Log
from intake.audit.outside import Pauses, ask
from intake.audit.publish import Published
from intake.db.engine import Database
from intake.db.tables import audit as t
from intake.errors import Invalid

_FAILURES = (httpx.HTTPError, httpx.InvalidURL, VerificationError, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class Authority:
    """A timestamp authority that the operator named, with the root certificates of its tokens."""

    name: str
    url: str
    roots: Sequence[x509.Certificate]


def add(connection: Connection, name: str, url: str, root: bytes) -> None:
    """Name an authority; `Invalid` if `root` holds no PEM certificate."""
    try:
        x509.load_pem_x509_certificates(root)
    except ValueError as error:
        raise Invalid("certificate", "the file holds no certificate in PEM form") from error
    if not url.startswith(("https://", "http://")):
        raise Invalid("authority_url", "an authority has an http:// or https:// address")
    connection.execute(insert(t.timestamp_authorities).values(name=name, url=url, root=root))


def everyone(connection: Connection) -> list[Authority]:
    """All that were named."""
    rows = connection.execute(select(t.timestamp_authorities).order_by(t.timestamp_authorities.c.name))
    return [Authority(r.name, r.url, x509.load_pem_x509_certificates(bytes(r.root))) for r in rows]


class Timestamps:
    """Gets a token a day for each log from each authority."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pauses = Pauses()

    def request_due(self) -> int:
        """Ask for what is missing today; return how many tokens came."""
        with self._database.read() as connection:
            authorities = everyone(connection)
            all_logs = log.logs(connection) if authorities else []
        came = 0
        for authority in authorities:
            if not self._pauses.due(authority.name):
                continue
            for mechanism, kind in all_logs:
                try:
                    came += self._request(authority, mechanism, kind)
                except _FAILURES as error:
                    logs.event("timestamp_failed", logging.WARNING, error=error)
                    self._pauses.failed(authority.name)
                    break
        return came

    def _request(self, authority: Authority, mechanism: str, kind: Log) -> bool:
        here = (t.timestamps.c.mechanism == mechanism) & (t.timestamps.c.log == kind)
        theirs = here & (t.timestamps.c.authority == authority.name)
        with self._database.read() as connection:
            newest = publish.newest(connection, mechanism, kind)
            today = select(t.timestamps.c.size).where(theirs, t.timestamps.c.day == clock.day())
            stamped = select(t.timestamps.c.size).where(
                theirs, t.timestamps.c.size == (newest.size if newest else 0)
            )
            if newest is None or connection.execute(today).first() or connection.execute(stamped).first():
                return False
        token = _token(authority, newest)
        row = {"mechanism": mechanism, "log": kind, "size": newest.size, "authority": authority.name}
        with self._database.write() as connection:
            connection.execute(insert(t.timestamps).values(**row, day=clock.day(), token=token))
        return True


def _token(authority: Authority, newest: Published) -> bytes:
    """The authority's response (DER), verified: granted, for this note and this nonce, by its certificate."""
    builder = TimestampRequestBuilder().data(newest.note).hash_algorithm(HashAlgorithm.SHA512)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    answer = ask(authority.url, request.as_bytes(), "application/timestamp-query")
    if answer.status != 200:
        raise httpx.ReadError(f"the authority answered {answer.status}")
    response = decode_timestamp_response(answer.body)
    verifier = VerifierBuilder.from_request(request)
    for root in authority.roots:
        verifier = verifier.add_root_certificate(root)
    verifier.build().verify_message(response, newest.note)
    return answer.body
