"""A program's own keys: to enter with, to cosign the logs with, and one that keys can be sealed to."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey

from crypto import notes
from crypto.age_keys import Identity
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import FormatError
from crypto.notes import VerifierKey
from crypto.primitives import SigningKey
from intake.client import files


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A program's own keys: made by `new_client`, of which the operator has the public halves.

    `witness` is what it cosigns with; files made before there was one lack it. It signs as `signer`, which
    everybody can read beside the checkpoint. `identity` opens what is sealed to the program.
    """

    client: str
    key: ECKey
    witness: SigningKey | None = None
    signer: str = ""
    identity: Identity | None = None

    def __repr__(self) -> str:
        return "ClientKey(secret)"


def new_client(client: str, folder: Path) -> tuple[Path, Path]:
    """Make keys for a program: (private file, public file)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, seed = ECKey.generate_key("P-256"), secrets.token_bytes(32)
    identity = Identity(secrets.token_bytes(32))
    signer = f"reader-{secrets.token_hex(4)}"  # public, on every checkpoint that it cosigns
    verifier = VerifierKey(signer, notes.COSIGNATURE, SigningKey(seed).public)
    private, public = folder / f"{client}.client.json", folder / f"{client}.public.json"
    secret = {
        "client": client,
        "key": key.as_dict(private=True),
        "witness": b64u_encode(seed),
        "signer": signer,
        "identity": identity.text,
    }
    files.write_secret(private, json.dumps(secret).encode())
    shown = {
        "client": client,
        "key": key.as_dict(private=False),
        "witness": verifier.text,
        "recipient": identity.recipient.text,
    }
    public.write_text(json.dumps(shown) + "\n")
    return private, public


def load_client(path: Path) -> ClientKey:
    """Read a private client file; `ValueError` if it is none."""
    try:
        value = json.loads(path.read_text())
        seed = value.get("witness")
        witness = SigningKey(b64u_decode(seed, 32)) if seed is not None else None
        signer = str(value.get("signer", value["client"]))  # files made before: the client's id
        text = value.get("identity")
        identity = Identity.parse(text) if text is not None else None
        return ClientKey(value["client"], ECKey.import_key(value["key"]), witness, signer, identity)
    except (KeyError, TypeError, ValueError, AttributeError, FormatError) as error:
        raise ValueError(f"{path} is not a client's private file") from error
