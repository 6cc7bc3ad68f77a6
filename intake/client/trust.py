"""Whose signature a submitter believes: which root key is really a mechanism's. Not the server decides it.

A root counts that was given from elsewhere; or that the sealed consent names, as the one that was shown.
Consents of earlier versions name none: then it has to have signed a key that the person's own statements
grant something to. And a mechanism that counts can vouch for its successor: its signed profile names it,
and in the note the fingerprint of its root.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from crypto import statement
from crypto.bundles import Bundle, verify_bundle
from crypto.encoding import Json, canonical_json
from crypto.errors import CryptoError, VerifyError
from crypto.profiles import Profile, verify_profile
from crypto.record_reader import RecordReader


@dataclass(frozen=True, slots=True)
class Trust:
    """Fingerprints of roots by mechanism: `given` from elsewhere, and `shown` when consent was given.

    `granted` are (mechanism, fingerprint of a key) of everything that the statements have ever granted.
    """

    given: Mapping[str, str]
    shown: Mapping[str, Collection[str]]
    granted: Collection[tuple[str, str]]

    @classmethod
    def of(
        cls, reader: RecordReader, statements: Iterable[bytes], fetch: Callable[[str], bytes],
        given: Mapping[str, str],
    ) -> "Trust":  # fmt: skip
        """From a record that is open; `fetch` returns a part's age file."""
        shown: dict[str, set[str]] = {}
        for entry in reader.readable():
            if entry.kind != "consent":
                continue
            with suppress(CryptoError):
                values = reader.structured(entry.id, fetch(entry.id)).values
                profile = values.get("profile")
                root = profile.get("root") if isinstance(profile, dict) else None
                if isinstance(root, str):
                    shown.setdefault(str(values.get("mechanism")), set()).add(root)
        granted = {(a.mechanism, a.recipient) for data in statements for a in statement.parse(data).audience}
        pinned = {mechanism: root.replace(" ", "").lower() for mechanism, root in given.items()}
        return cls(pinned, shown, granted)

    def bundles(
        self, listed: Iterable[Json], profiles: Mapping[str, Json]
    ) -> tuple[dict[str, Bundle], dict[str, str]]:
        """The bundles that count, by mechanism; of the others, the fingerprint that the service shows.

        `VerifyError` if a root is not the one that was given.
        """
        found = [self._verified(raw) for raw in listed]
        believed = {bundle.mechanism: bundle for bundle in found if self._believes(bundle)}
        vouching = []
        for mechanism, raw in profiles.items():
            with suppress(CryptoError, KeyError, TypeError, ValueError, AttributeError):
                profile = verify_profile(canonical_json(raw), believed[mechanism].root)
                if profile.mechanism == mechanism:
                    vouching.append(profile)
        for bundle in found:
            if any(_vouches(profile, bundle) for profile in vouching):
                believed.setdefault(bundle.mechanism, bundle)
        return believed, {b.mechanism: b.root_fingerprint for b in found if b.mechanism not in believed}

    def _verified(self, raw: Json) -> Bundle:
        bundle = verify_bundle(canonical_json(raw))
        if self.given.get(bundle.mechanism, bundle.root_fingerprint) != bundle.root_fingerprint:
            raise VerifyError(f"the server's root key for {bundle.mechanism} is not the expected one")
        return bundle

    def _believes(self, bundle: Bundle) -> bool:
        if bundle.mechanism in self.given:
            return True
        if bundle.mechanism in self.shown:
            return bundle.root_fingerprint in self.shown[bundle.mechanism]
        keys = {(bundle.mechanism, key.recipient.fingerprint) for key in bundle.keys}
        return not keys.isdisjoint(self.granted)


def _vouches(profile: Profile, successor: Bundle) -> bool:
    """A profile has no field for the root: people compare what they read, and a program does the same."""
    notes = (re.sub(r"\s", "", text).lower() for text in (profile.note or {}).values())
    named = profile.continued_by == successor.mechanism
    return named and any(successor.root_fingerprint in note for note in notes)
