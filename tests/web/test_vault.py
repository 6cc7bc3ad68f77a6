"""The vault's stanza is the age library's: each opens what the other seals with the same passkey."""

import json
import subprocess

from tests.tools import find_node, tool
from tests.web.twin import compiled


def test_a_vault_opens_with_typage_and_refuses_whatever_was_not_made_for_this_passkey() -> None:
    module = compiled().parent / "console" / "src" / "keys" / "prf.js"
    done = subprocess.run([find_node(), tool("fido2prf.mjs"), module], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    assert json.loads(done.stdout) == {
        "theyOpenOurs": True,
        "weOpenTheirs": True,
        "wrapsAlike": True,  # one file key for one passkey: never two messages under one nonce
        "theyRefuseAnotherPasskey": True,
        "anotherPasskey": "NotMine",
        "garbledEnd": "VerifyError",
        "garbledMac": "VerifyError",
        "cut": "VerifyError",
        "empty": "FormatError",
    }
