"""For programs and people outside the server: submit, pull, open, make keys.

Imports `crypto`, `intake.record` and httpx, and nothing else of `intake`.
"""

VERSION = "0.1.0"
