"""What the service can refuse, in its own words. No HTTP here: `http.problems` maps these to answers.

    IntakeError                 code, values
    ├── Malformed               the request cannot be understood
    ├── Invalid                 understood, but it does not hold
    ├── Unauthenticated         who is asking is not shown
    ├── Forbidden               known, but not allowed to do this
    ├── NotFound                not there, or not for this caller: the two look the same
    ├── Conflict                it contradicts what is already stored
    ├── TooLarge                a limit is exceeded (values: the limit)
    ├── Busy                    try again in a moment (values: retry_after, seconds)
    ├── StorageFull             no room; nothing was stored
    └── Unavailable             a part that is needed does not answer; nothing was disclosed or changed

`code` is a stable name that machines can act on and that `http.messages` translates for people;
`detail` is one English sentence for developers. Neither ever holds something the caller sent.
"""


class IntakeError(Exception):
    """Base of all refusals."""

    def __init__(self, code: str, detail: str = "", **values: str | int) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail or code
        self.values = values


class Malformed(IntakeError):
    """The request cannot be understood."""


class Invalid(IntakeError):
    """Understood, but it does not hold."""


class Unauthenticated(IntakeError):
    """Who is asking is not shown."""


class Forbidden(IntakeError):
    """Known, but not allowed."""


class NotFound(IntakeError):
    """Not there, or not for this caller."""


class Conflict(IntakeError):
    """It contradicts what is stored."""


class TooLarge(IntakeError):
    """A limit is exceeded."""


class Busy(IntakeError):
    """Try again in a moment."""


class StorageFull(IntakeError):
    """No room is left for this; nothing was stored."""


class Unavailable(IntakeError):
    """Something needed does not answer; nothing was disclosed or changed."""


class ConfigurationError(Exception):
    """The installation, not a caller, has to be mended: settings, keys, schema. Says how."""
