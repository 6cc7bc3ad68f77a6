"""A program that pulls is a witness: it checks both logs of its mechanism, remembers, and signs.

1. Every entry that is told is compared with its leaf, and with what was told before.
2. The log's checkpoint is verified with pinned keys, and with the one before it.
3. The entries held must lead to the root that was signed. That proves in one step that the log only
   grew, and that everything that was told is in it.
4. Only then the checkpoint is signed (C2SP tlog-cosignature, type 04) and sent back, so that nobody
   else can be shown another history.

What does not hold is evidence: see `evidence`. The access log's entries mean nothing to outsiders, so
they are not told; they are fetched as its tiles are.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from crypto import checkpoints, notes
from crypto.bundles import Bundle
from crypto.checkpoints import Checkpoint, Verified
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.notes import Note, VerifierKey
from crypto.primitives import SigningKey
from crypto.tiles import WIDTH, parse_entries
from intake.client import pinning, told, verify
from intake.client.api import Api, ApiError, Offline
from intake.client.evidence import Evidence
from intake.client.log import FolderLog, NotThere, Progress, Tree, UrlLog, bundle_path, first_difference
from intake.client.mirror import Mirror, Tiles
from intake.client.told import Told

RECORDS, ACCESS = "records", "access"
_STALE = 2 * 86400  # seconds without a new checkpoint after which the person is told
Post = Callable[[str, int, str], None]  # log, size, signature line


@dataclass(slots=True)
class Findings:
    """What a run found: sizes of the verified logs, keys pinned now, and sentences for the person."""

    sizes: dict[str, int] = field(default_factory=dict)
    cosigned: list[str] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)  # verifier keys, at the first pull without --log-key
    warnings: list[str] = field(default_factory=list)


class Witness:
    """Both logs of one mechanism, as one folder knows them."""

    def __init__(
        self,
        out: Path,
        connection: Api,
        given: Sequence[VerifierKey],
        name: str,
        key: SigningKey | None,
        progress: Progress = lambda what, done, total: None,
    ) -> None:
        self._folder = out / "log"
        self._evidence = Evidence(self._folder)
        self._evidence.refuse_to_go_on()
        self._api = connection
        self._given = given
        self._name = name
        self._key = key
        self._own = [VerifierKey(name, notes.COSIGNATURE, key.public)] if key else []
        self._progress = progress
        self.records, self._access = (Mirror.load(self._folder / log) for log in (RECORDS, ACCESS))
        self._last: dict[str, bytes] = {}  # checkpoints as they were served now, by log
        self._page: Any | None = None
        self._taken: set[str] = set()  # logs whose served checkpoint has our signature already
        self._mechanism = self.records.origin.rpartition("/")[0].rpartition("/")[2]
        self.found = Findings()
        self.signed = 0  # entries that were signed, if the list has told fewer

    # --- what the list says ---

    def listed(self, page: dict[str, Any], start: int, missing: set[int]) -> list[Told]:
        """Check a page of the list and keep its entries; `Refused` if it contradicts an earlier one.

        `missing` collects entries without an opening, until a later one names them as erased.
        """
        mirror = self.records
        self._page = page
        if page["size"] < mirror.size:
            self._refuse(
                mirror,
                f"the list has {page['size']} entries, and {mirror.size} were told before: the last"
                f" {mirror.size - page['size']} were dropped",
            )
        entries = [self._told(event, start + i) for i, event in enumerate(page["events"])]
        for entry in entries:
            if entry.index < mirror.size and mirror.leaf(entry.index) != entry.leaf:
                self._refuse(mirror, f"entry {entry.index} is another one than when it was told before")
            if entry.opening is None:
                missing.add(entry.index)
            self._note(entry, missing)
        mirror.append([entry.leaf for entry in entries if entry.index >= mirror.size])
        mirror.save()
        return entries

    def ended(self, size: int | None, missing: set[int]) -> None:
        """`Refused`: the list ends before its `size`, or with entries that nothing explains."""
        if size is not None:
            self._refuse(
                self.records,
                f"the list ends after {self.records.size} entries, and there are {size}: it withholds some",
            )
        listing = ", ".join(map(str, sorted(missing)[:20]))
        self._refuse(
            self.records,
            f"{len(missing)} entries say nothing, and no later entry names them as erased: {listing}. A"
            " record may have been passed over",
        )

    def _told(self, event: Any, index: int) -> Told:
        """One entry, its opening checked against its leaf."""
        if event["index"] != index:
            self._refuse(self.records, f"the list has a gap: after {index - 1} comes {event['index']}")
        try:
            entry = told.read(event, index, self._mechanism)
        except CryptoError as error:
            self._refuse(self.records, f"entry {index} is told otherwise than the log commits to it: {error}")
        if not self._mechanism:
            self._mechanism = str(entry.values.get("mechanism", ""))
        if entry.event is not None and entry.event not in told.EVENTS:
            self.found.warnings.append(
                f"entry {index} of the log of records is of a kind that this version does not know"
                f" ({entry.event[:40]!r}): ask the operator what it means, and update this program"
            )
        return entry

    def _note(self, entry: Told, missing: set[int]) -> None:
        """What an entry means for checking others."""
        event, values, new = entry.event, entry.values, entry.index >= self.records.size
        if event == "record.erased":
            missing -= told.erased(entry)
        elif event == "log.keys" and new:
            self.records.announced.append((entry.index, [str(text) for text in told.items(entry, "keys")]))
        elif event == "mechanism.keys" and new:
            named = [values.get(name) for name in ("epoch", "compartment", "key")]
            self.records.readers.append([entry.index, *named])

    # --- what was signed ---

    def check(self) -> bool:
        """Verify what both logs have signed. False if the list has to be read on first."""
        if not self._mechanism:
            raise VerifyError("the list says of no entry which mechanism it is for: nothing can be checked")
        self._pin()
        for name, mirror in ((RECORDS, self.records), (ACCESS, self._access)):
            data = self._served(mirror)
            if data is None:
                self.found.warnings.append(f"the log of {name} has no signed checkpoint yet")
                continue
            verified = self._believed(mirror, data)
            if mirror is self.records and verified.checkpoint.size > mirror.size:
                self.signed = verified.checkpoint.size
                return False
            self._continues(mirror, verified.checkpoint)
            if mirror is self._access:
                self._fetch(mirror, verified.checkpoint)
            self._grow(mirror, verified)
            self.found.sizes[name] = verified.checkpoint.size
        return True

    def compare_readers(self, bundle: Bundle) -> None:
        """Warn of keys to which testimonies are sealed and which the mechanism's own bundle lacks."""
        if bundle.mechanism != self._mechanism:
            raise VerifyError(f"the bundle is of {bundle.mechanism}, the logs are of {self._mechanism}")
        its = {(key.epoch, key.kind, key.recipient.fingerprint) for key in bundle.keys}
        for index, epoch, kind, fingerprint in self.records.readers:
            if (epoch, kind, fingerprint) not in its:
                self.found.warnings.append(
                    f"entry {index} of the log gives the mechanism a key that is not in its own bundle:"
                    f" {kind}, epoch {epoch}, {fingerprint}. Whoever made it can open what is sealed to it:"
                    " ask the mechanism's own people, and tell submitters"
                )

    def cosign(self, post: Post) -> None:
        """Sign what was verified, and send it back. What the service does not take is a warning."""
        if self._key is None:
            self.found.warnings.append(
                "this program's file has no witness key: the logs were checked, and not cosigned."
                " `intake client new` makes a file that has one"
            )
            return
        for name, mirror in ((RECORDS, self.records), (ACCESS, self._access)):
            checkpoint = mirror.checkpoint
            if mirror.note is None or checkpoint is None or name not in self.found.sizes:
                continue
            note = Note.parse(mirror.note)
            signature = note.signature_by(self._own[0])
            if signature is None:
                signature = checkpoints.cosign(checkpoint, self._name, self._key, _time_of(mirror, note))
                mirror.keep(mirror.merged(note, [signature], self._own).encode(), {})
            elif name in self._taken:
                continue
            try:
                post(name, checkpoint.size, signature.line)
                self.found.cosigned.append(name)
            except ApiError as error:
                self.found.warnings.append(f"the service did not take our signature of {name}: {error}")

    def _pin(self) -> None:
        """Whose signatures count: keys given by hand, or at the first pull those that the service shows."""
        if self.records.pins and self._access.pins and not self._given:
            return
        shown = {item["log"]: item for item in self._api.get("/v1/logs")["logs"] if self._is_ours(item)}
        for name, mirror in ((RECORDS, self.records), (ACCESS, self._access)):
            if not mirror.origin:
                if name not in shown:
                    raise VerifyError(f"the service shows no log of {name} for {self._mechanism}")
                mirror.origin = str(shown[name]["origin"])
            new = pinning.pin(mirror, self._given, shown.get(name, {}).get("keys", []))
            self.found.pinned += [key.text for key in new]

    def _is_ours(self, item: Any) -> bool:
        return isinstance(item, dict) and item.get("mechanism") == self._mechanism

    def _log(self, mirror: Mirror) -> UrlLog:
        return UrlLog(self._api, f"/log/{self._mechanism}/{mirror.folder.name}")

    def _served(self, mirror: Mirror) -> bytes | None:
        try:
            found = self._log(mirror).read("checkpoint")
            self._last[mirror.folder.name] = found
            return found
        except NotThere as error:
            if mirror.note is None:
                return None
            raise VerifyError(f"the log {mirror.origin} is not served here any more") from error

    def _believed(self, mirror: Mirror, data: bytes) -> Verified:
        """The checkpoint, if pinned keys signed it. Something that is no checkpoint proves nothing."""
        note = Note.parse(data)
        checkpoint = Checkpoint.parse(note.text)
        try:
            signers = pinning.signers(mirror, note)
            verified = checkpoints.verify(data, mirror.origin, signers, self._own)
        except VerifyError as error:
            self._refuse(mirror, f"the checkpoint of size {checkpoint.size} cannot be believed: {error}")
        pinning.retire(mirror, signers)
        times = [signed.time for signed in verified.log if signed.time]
        if times and time.time() - max(times) > _STALE:
            day = time.strftime("%Y-%m-%d", time.gmtime(max(times)))
            what = f"nothing of {mirror.origin} was signed since {day}: ask the operator why"
            self.found.warnings.append(what)
        return verified

    def _continues(self, mirror: Mirror, served: Checkpoint) -> None:
        """Not smaller than the one before, and the same at the same size."""
        seen = mirror.checkpoint
        if seen is None:
            return
        if served.size < seen.size:
            self._refuse(mirror, f"the log signed {seen.size} entries before, and now shows {served.size}")
        if served.size == seen.size and served.root != seen.root:
            self._refuse(mirror, f"two different logs of {seen.size} entries were signed")

    def _fetch(self, mirror: Mirror, served: Checkpoint) -> None:
        """Entries of a log that is not listed: bundles from where we stand, the first one compared."""
        log = self._log(mirror)
        first, count = mirror.size // WIDTH, -(-served.size // WIDTH)
        widths = {i: min(WIDTH, served.size - i * WIDTH) for i in range(first, count)}
        if mirror.size >= served.size:
            return
        bundles = log.read_all(bundle_path(i, width) for i, width in widths.items())
        for index, width in widths.items():
            try:
                entries = parse_entries(next(bundles), width)
            except NotThere as error:
                first_lost, last_lost = index * WIDTH, index * WIDTH + width - 1
                self._refuse(
                    mirror,
                    f"{served.size} entries were signed, and the service does not give the entries"
                    f" {first_lost} to {last_lost} ({error})",
                )
            if any(len(entry) != LEAF_SIZE for entry in entries):
                raise FormatError(f"an entry of {mirror.origin} is not of our form")
            held = mirror.size - index * WIDTH
            for place in range(held):
                if mirror.leaf(index * WIDTH + place) != entries[place]:
                    where = index * WIDTH + place
                    self._refuse(mirror, f"entry {where} is another one than it was before")
            mirror.append(entries[held:])
            self._progress(f"log of {mirror.folder.name}", index - first + 1, len(widths))
        mirror.save()

    def _grow(self, mirror: Mirror, verified: Verified) -> None:
        """The entries held must lead to the root that was signed."""
        served = verified.checkpoint
        fresh = mirror.grown(served.size)
        if served.size and mirror.tree(served.size, fresh).root() != served.root:
            self._name_difference(mirror, served, fresh)
        note = verified.note
        if self._own and note.signature_by(self._own[0]):
            self._taken.add(mirror.folder.name)
        if mirror.note is not None and mirror.verified == served.size:
            note = mirror.merged(note, Note.parse(mirror.note).signatures, self._own)  # never given up
        first = mirror.note is None
        mirror.keep(note.encode(), fresh)
        if mirror is self.records:
            pinning.learn(self.records, self._access, first=first)

    def _name_difference(self, mirror: Mirror, served: Checkpoint, fresh: Tiles) -> None:
        """Say which entry is not what it was."""
        seen = mirror.checkpoint
        what = f"the log that was signed at {served.size} entries does not continue what was told before"
        try:
            theirs = Tree.of(self._log(mirror), served.size)
            at = first_difference(mirror.tree(served.size, fresh), theirs)
        except (NotThere, CryptoError, ApiError):
            at = None
        if at is not None:
            when = "verified before" if seen and at < seen.size else "told to us"
            what += f": entry {at} is another one than was {when}"
        else:
            what += ": its own tiles are not those that it signed"
        self._refuse(mirror, what)

    def _refuse(self, mirror: Mirror, what: str) -> NoReturn:
        """Keep what was found. Our own copy has to be sound before anybody is blamed."""
        log = mirror.folder.name
        if mirror.note is not None:
            try:
                verify.verify(FolderLog(mirror.folder), [], [], 0)
            except (CryptoError, NotThere) as error:
                raise VerifyError(
                    f"{mirror.folder} is damaged ({error}): pull into a new folder, and keep this one"
                ) from error
        if log not in self._last:
            with suppress(ApiError, Offline, VerifyError):
                self._served(mirror)
        self._evidence.keep(
            f"{what} ({mirror.origin or log})", log, mirror.note, self._last.get(log), self._page
        )


def _time_of(mirror: Mirror, note: Note) -> int:
    """When the log signed: the period's beginning. Everybody reads it, so it must not say when we pulled."""
    for pin in mirror.pins:
        signature = note.signature_by(pin.key) if pin.key.kind == notes.MLDSA_COSIGNATURE else None
        if signature is not None:
            return int.from_bytes(signature.value[:8], "big")
    return int(time.time()) // 86400 * 86400
