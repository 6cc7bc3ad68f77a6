"""Notes and messages of an export in words, as a text file has them; English, as the console says it."""

from collections.abc import Mapping, Sequence
from typing import Any

from intake.client.written import indented, plain

# As in `web/console/src/texts/work.ts`.
KINDS = {
    "title": "Title",
    "note": "Note",
    "tags": "Legal reading",
    "decision": "Decision",
    "reason": "Reason",
    "derivative": "Translation, redaction, transcript",
}
ELEMENTS = {
    "murder": "Murder",
    "extermination": "Extermination",
    "enslavement": "Enslavement",
    "deportation": "Deportation or forcible transfer",
    "imprisonment": "Imprisonment against international law",
    "torture": "Torture",
    "sexual_violence": "Sexual violence",
    "persecution": "Persecution",
    "enforced_disappearance": "Enforced disappearance",
    "apartheid": "Apartheid",
    "other_inhumane_acts": "Other inhumane acts",
}
RELIABILITY = {
    "reliable": "A: reliable",
    "usually": "B: usually reliable",
    "fairly": "C: fairly reliable",
    "not_usually": "D: not usually reliable",
    "unreliable": "E: unreliable",
    "unknown": "F: cannot be judged",
}
CREDIBILITY = {
    "confirmed": "1: confirmed by others",
    "probable": "2: probably true",
    "possible": "3: possibly true",
    "doubtful": "4: doubtful",
    "improbable": "5: improbable",
    "unknown": "6: cannot be judged",
}
DECISIONS = {
    "admissible": "Admissible",
    "not_admissible": "Not admissible",
    "needs_more": "More is needed",
    "referred": "Referred",
    "closed": "Closed",
}
DERIVATIVES = {
    "translation": "Translation",
    "redaction": "Redaction",
    "preview": "Preview",
    "transcript": "Transcript",
}
TOOL, EXCULPATORY = "Made with which tool, or by whom", "It may speak for an accused person"
_CHOSEN = {  # a field → its label and what can be chosen
    "decision": ("The decision", DECISIONS),
    "derivative": ("Kind of derivative", DERIVATIVES),
    "reliability": ("The source is", RELIABILITY),
    "credibility": ("What it says is", CREDIBILITY),
}


def work_text(value: Mapping[str, Any], refused: Mapping[str, str]) -> str:
    """`work.json` in words. Everything that came from people is indented: none of it is a heading."""
    rows = [f"WORK on {value['record']}, by members of {plain(value['mechanism'])}", ""]
    rows += [f"Begun by {_who(value['begun'])}, {value['begun']['day']}."]
    rows += [
        "Each entry is signed by who wrote it. Nothing shows whether one is missing.",
        *_refused(refused),
    ]
    for entry in value["entries"]:
        kind = KINDS.get(entry["kind"], plain(entry["kind"]))
        rows += ["", f"ENTRY {entry['number']}: {kind}, {entry['day']}, {_who(entry['member'])}", ""]
        if entry["refers"]:
            rows += [
                "  About",
                *indented(plain(entry["about"] or f"part {entry['refers']}, which is not here")),
            ]
        rows += _said(entry["said"])
        for file in entry["files"]:
            rows += ["  File", *indented(plain(file.get("file") or "not open"))]
    return "\n".join(rows) + "\n"


def messages_text(value: Mapping[str, Any], refused: Mapping[str, str]) -> str:
    """`messages.json` in words, the same way."""
    rows = [f"MESSAGES about {value['record']}, between {plain(value['mechanism'])} and the person", ""]
    rows += ["Each is signed by who wrote it. Nothing shows whether one is missing.", *_refused(refused)]
    for one in value["messages"]:
        author = _who(one["member"]) if one["member"] else "the person who testified"
        rows += ["", f"MESSAGE {one['number']}: {one['day']}, from {author}", ""]
        if one["answers"]:
            before = one["answers_number"]
            rows += [f"  Answers message {before}" if before else "  Answers a message that is not here"]
        rows += [f"  Language: {plain(one['language'])}", "", *indented(one["text"])]
    return "\n".join(rows) + "\n"


def _said(said: Mapping[str, Any]) -> list[str]:
    """What is not of the closed lists stands under its own name, as it is."""
    rows: list[str] = []
    for name, answer in said.items():
        label, shown = name, answer if isinstance(answer, str) else plain(answer)
        if name in _CHOSEN and isinstance(answer, str) and answer in _CHOSEN[name][1]:
            label, shown = _CHOSEN[name][0], _CHOSEN[name][1][answer]
        elif name == "elements" and isinstance(answer, list):
            label, shown = "Crimes against humanity (Rome Statute, Article 7)", _elements(answer)
        elif name == "exculpatory" and isinstance(answer, bool):
            label, shown = EXCULPATORY, "yes" if answer else "no"
        elif name == "tool":
            label = TOOL
        elif name == "text":
            label = "In words"
        if name != "files" and shown:
            rows += [f"  {plain(label)}", *indented(shown)]
    return rows


def _elements(codes: Sequence[Any]) -> str:
    return "; ".join(ELEMENTS.get(code, code) if isinstance(code, str) else plain(code) for code in codes)


def _who(member: Mapping[str, Any]) -> str:
    return f"{plain(member['name'])} ({member['id']})" if member.get("name") else str(member["id"])


def _refused(refused: Mapping[str, str]) -> list[str]:
    return [f"REFUSED {what}: {why}" for what, why in refused.items()]
