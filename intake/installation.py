"""One installation, opened: the subjects over one database and one store, ready for use."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from obstore.store import S3Store as Bucket

from intake.audit.announced import Announcements
from intake.audit.keys import LogKeys
from intake.audit.proofs import Proofs
from intake.audit.publish import Cadence, Publisher
from intake.audit.timestamps import Timestamps
from intake.audit.walk import Walk
from intake.audit.witness import Witnesses
from intake.db.engine import Database
from intake.people.passkeys import Party
from intake.reviewing.approvals import Approvals
from intake.reviewing.assignments import Assignments
from intake.reviewing.auditing import Auditing
from intake.reviewing.cases import Cases
from intake.reviewing.deadlines import Deadlines
from intake.reviewing.exports import Exports
from intake.reviewing.inbox import Inbox
from intake.reviewing.opening import Opening
from intake.reviewing.same_media import SameMedia
from intake.reviewing.visible import require_visible
from intake.reviewing.work import Work
from intake.reviewing.workspaces import Workspaces
from intake.settings import MIB, Settings
from intake.sharing.access import Access
from intake.sharing.casework import Casework
from intake.sharing.entering import Entering
from intake.sharing.feed import Feed
from intake.sharing.keyring import Keyring
from intake.sharing.oneself import OwnPage
from intake.sharing.staffing import Staffing
from intake.store.blobs import BlobStore
from intake.store.local import LocalStore
from intake.store.s3 import S3Store
from intake.submissions.delete import Deletion
from intake.submissions.drafts import Drafts
from intake.submissions.erase import Erasure
from intake.submissions.mailbox import Mailbox
from intake.submissions.messages import Messages
from intake.submissions.payloads import Payloads
from intake.submissions.receive import Receiver
from intake.submissions.restorations import Restorations
from intake.submissions.revise import Reviser
from intake.submissions.rows import MergeDelay
from intake.submissions.secrets import OprfKeys, Pepper
from intake.submissions.uploads import UploadLimits, Uploads
from intake.submissions.workbench import Workbench


@dataclass(frozen=True)
class Installation:
    """Settings, what they name, and what works on it."""

    settings: Settings
    database: Database
    store: BlobStore
    oprf: OprfKeys
    receiver: Receiver
    uploads: Uploads
    mailbox: Mailbox
    payloads: Payloads
    erasure: Erasure
    reviser: Reviser
    deletion: Deletion
    access: Access
    feed: Feed
    approvals: Approvals
    assignments: Assignments
    inbox: Inbox
    opening: Opening
    messages: Messages
    restorations: Restorations
    drafts: Drafts
    workbench: Workbench
    casework: Casework
    auditing: Auditing
    entering: Entering
    keyring: Keyring
    oneself: OwnPage
    staffing: Staffing
    workspaces: Workspaces
    work: Work
    cases: Cases
    deadlines: Deadlines
    same_media: SameMedia
    exports: Exports
    correspondence: Casework  # of members, about the records that they see
    log_keys: LogKeys
    publisher: Publisher
    walk: Walk
    announced: Announcements
    proofs: Proofs
    witnesses: Witnesses
    timestamps: Timestamps


def open_installation(settings: Settings) -> Installation:
    """Open database and store, make missing secrets. Nothing is migrated here."""
    database = Database(settings.database, sequencer=settings.log_sequencer)
    store = open_store(settings)
    settings.spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    pepper = Pepper(settings.keys_dir)
    access = Access(database)
    entering = Entering(database, access, Party.of(settings.review_url))
    messages = Messages(database, store)
    log_keys = LogKeys(settings.keys_dir, settings.public_url)
    cadence = Cadence(settings.publish_minutes * 60, settings.publish_block)
    publisher = Publisher(database, log_keys, cadence)
    proofs = Proofs(database, log_keys)
    limits = UploadLimits(
        max_bytes=sealed_limit(settings),
        max_pending=settings.max_pending_mib * MIB,
        reserve=settings.reserve_mib * MIB,
        hours=settings.upload_hours,
    )
    erasure = Erasure(database, store)
    delay = MergeDelay(settings.merge_min_hours, settings.merge_max_hours)
    receiver, reviser = Receiver(database, store, pepper, delay), Reviser(database, store, delay)
    uploads = Uploads(database, store, limits)
    work = Work(database, store, uploads, access, settings.member_daily)
    drafts = Drafts(database, pepper, store.free, settings.reserve_mib * MIB, settings.max_drafts_mib * MIB)
    return Installation(
        settings=settings,
        database=database,
        store=store,
        oprf=OprfKeys(settings.keys_dir, settings.oprf_epoch_days, settings.oprf_grace_hours),
        receiver=receiver,
        uploads=uploads,
        mailbox=Mailbox(database, store, pepper),
        payloads=Payloads(database, store),
        erasure=erasure,
        reviser=reviser,
        deletion=Deletion(database, erasure),
        access=access,
        approvals=Approvals(database, access),
        assignments=Assignments(access),
        inbox=Inbox(database, store, access),
        opening=Opening(database, store, access, settings.member_daily),
        feed=Feed(database, store, access, settings.client_daily),
        messages=messages,
        restorations=Restorations(database, pepper),
        drafts=drafts,
        workbench=Workbench(receiver, reviser, uploads, drafts),
        casework=Casework(database, messages, access),
        auditing=Auditing(database, log_keys, access),
        entering=entering,
        keyring=Keyring(database, access),
        oneself=OwnPage(database, access, entering),
        staffing=Staffing(database, access, settings.review_url, settings.member_daily),
        workspaces=Workspaces(database, access),
        work=work,
        cases=Cases(database, work, access),
        deadlines=Deadlines(database, access),
        same_media=SameMedia(database, access),
        exports=Exports(database, store, access, proofs),
        correspondence=Casework(database, messages, access, require_visible),
        log_keys=log_keys,
        publisher=publisher,
        walk=Walk(database),
        announced=Announcements(database),
        proofs=proofs,
        witnesses=Witnesses(database, publisher),
        timestamps=Timestamps(database),
    )


def open_store(settings: Settings) -> BlobStore:
    """Files in the data folder, or the bucket that is named; its credentials are AWS_… variables."""
    if not settings.store_url:
        return LocalStore(settings.data_dir / "store")
    bucket, _, prefix = settings.store_url.removeprefix("s3://").partition("/")
    place: Any = {"prefix": prefix} if prefix else {}
    if settings.s3_endpoint:  # Amazon's own follows from bucket and region
        place |= {"endpoint": settings.s3_endpoint, "virtual_hosted_style_request": False}
    return S3Store(
        Bucket(
            bucket,
            **place,
            region=settings.s3_region,
            # Checked by the store when it takes a part, and kept with it.
            checksum_algorithm="SHA256",
            # Its own defaults would hold a person's request for minutes. What fails here is told, and
            # may be sent again.
            client_options={
                "allow_http": settings.s3_endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=15),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=15)},
        )
    )


def sealed_limit(settings: Settings) -> int:
    """Most bytes of a payload: the largest file, 12 % of padding, and its tags."""
    return settings.max_file_mib * MIB * 113 // 100
