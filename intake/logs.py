"""Structured logs that cannot hold who, what or exactly when.

A line is JSON: hour, level, event, and fields. Events are our own constants; fields are numbers,
booleans or short constants, never text that somebody sent. Other libraries' messages are dropped
(they quote addresses, URLs and values): of those only logger, level and the kind and place of an
exception are kept. Nothing at all is logged for a submission that succeeds, because whatever collects
the lines may stamp each with an exact time.
"""

import json
import logging
import sys
import traceback

from intake import clock

_OURS = logging.getLogger("intake")


def event(
    name: str, level: int = logging.INFO, *, error: BaseException | None = None, **fields: int | bool
) -> None:
    """Log one of our events. Fields are numbers: a text could be somebody's."""
    info = (type(error), error, error.__traceback__) if error else None
    _OURS.log(level, name, extra={"fields": {k: int(v) for k, v in fields.items()}}, exc_info=info)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"hour": clock.hour(int(record.created)), "level": record.levelname}
        if record.name == "intake":
            line |= {"event": record.msg, **getattr(record, "fields", {})}
        else:
            line["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _without_values(record.exc_info[1])
        return json.dumps(line)


def _without_values(error: BaseException) -> list[str]:
    """Kinds and places of an exception and its causes; no messages, which quote what was sent."""
    frames = [
        f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}"
        for f in traceback.extract_tb(error.__traceback__)
    ]
    out = [type(error).__name__, *frames[-8:]]
    cause = error.__cause__ or error.__context__
    return out + (["from", *_without_values(cause)] if cause and len(out) < 60 else [])


def configure(level: str) -> None:
    """Send everything to standard output in the form above. Call once, when a process starts."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _OURS.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
