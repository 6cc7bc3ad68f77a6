"""Whatever a page may have to refuse has words of its own, in three languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

from intake import errors
from intake.http import messages

INTAKE = Path(errors.__file__).parent
# What pages call. Reviewers' programs, operators and the client have other doors.
BEHIND_PAGES = ("http", "submissions", "record", "store")
# Programs alone are refused so: a page never sends what it is about, or the server composes it itself.
FOR_PROGRAMS = {
    # a sealed submission or revision, and its uploads
    *(
        "content_type",
        "header_missing",
        "idempotency_key",
        "length",
        "offset",
        "tus_version",
        "upload_overrun",
    ),
    *("upload_shared", "upload_unknown", "element_invalid", "epoch_closed", "statement_invalid", "revision"),
    *(
        "revision_drops",
        "parts_differ",
        "part_too_large",
        "payload_differs",
        "header_invalid",
        "label_missing",
        "triage_more",
    ),
    *("grants_differ", "grant_invalid", "mechanism_key", "day", "key_reused"),
    *("withdrawal_invalid", "withdrawal_missing", "withdrawal_other", "not_restored"),
    *("objection_invalid", "objection_other"),
    # messages, composed by a client or a mechanism
    *("message_invalid", "message_differs", "compartment_other", "messages_today", "member_unknown"),
    "author_differs",
    # what mechanisms' programs and members ask for
    *("answer_unknown", "answer_final", "standing_unknown", "class_not_offered"),
    *("restoration_invalid", "restoration_exists", "restoration_waits"),
    *("successor_not_allowed", "successor_not_named", "successor_has_consent", "successor_withdrawn"),
}
KINDS = {kind.__name__ for kind in errors.IntakeError.__subclasses__()} | {"ConsentError"}


def codes(tree: ast.Module) -> Iterator[str]:
    """The first arguments of all refusals that are made in a module, as far as they stand there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0]
            if name in KINDS:
                choices = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                yield from (
                    c.value for c in choices if isinstance(c, ast.Constant) and isinstance(c.value, str)
                )


def raised() -> set[str]:
    found: set[str] = set()
    for folder in BEHIND_PAGES:
        for path in (INTAKE / folder).rglob("*.py"):
            if not {"feed", "review"} & set(path.parts):  # programs, and a console with words of its own
                found |= set(codes(ast.parse(path.read_text("utf-8"))))
    return found


def test_a_person_is_refused_in_words_and_only_programs_by_a_code() -> None:
    found = raised()
    assert len(found) > 80 and {"revision_empty", "consent_expired", "storage_full"} <= found
    assert found - messages.CODES - FOR_PROGRAMS == set(), "give it a text in intake/http/messages.py"
    assert FOR_PROGRAMS - found == set() and not FOR_PROGRAMS & messages.CODES
