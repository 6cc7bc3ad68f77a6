"""Objections: what the first receipt's holder signs to end something that waits (`crypto.objection`)."""

from crypto.errors import CryptoError
from crypto.objection import Objection, sign_objection, verify_objection
from crypto.receipt import ReceiptKeys
from intake import clock
from intake.errors import Invalid
from intake.submissions.mailbox import OwnRecord


def sign(own: OwnRecord, keys: ReceiptKeys, mechanism: str, kind: str, target: str) -> bytes:
    """For whoever has no program of their own: with the receipt's keys, for one request."""
    return sign_objection(Objection(own.record, mechanism, clock.day(), kind, target), keys.signing)


def require(own: OwnRecord, mechanism: str, envelope: bytes, kind: str, target: str) -> None:
    """`Invalid` unless this receipt signed it, about this record, mechanism and target."""
    try:
        said = verify_objection(envelope, own.sign_key)
    except CryptoError as error:
        raise Invalid("objection_invalid", str(error)) from error
    if (said.record, said.mechanism, said.kind, said.target) != (own.record, mechanism, kind, target):
        raise Invalid("objection_other", "an objection to something else")
