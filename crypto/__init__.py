"""The formats of Testimony Intake as pure functions: bytes in, bytes out.

Nothing here opens a file or a socket, reads a clock or draws randomness on its own account: time and
random bytes come in as arguments (the one exception is named in `primitives.hpke_seal`). Each module
is one section of `docs/wire.md`. Only `primitives` imports the `cryptography` package.
"""
