"""The sections about what came afterwards: cases, complaints, departure, earlier conversations."""

from datetime import timedelta

from corpus.facts import LAST_DAY
from corpus.speech import Speech
from corpus.story import Exit, Trial, free_on
from corpus.when import remembered, vague
from crypto.encoding import Json

Answers = dict[str, Json]
_WAYS = ("car", "bus", "train")
_LISTENERS = ("ngo", "un", "iapb", "lawyer", "medic", "journalist", "asylum_authority", "foreign_prosecutor")


def departure(speech: Speech, exit: Exit) -> Answers:
    dice, story = speech.dice, speech.story
    deported = exit.way == "deported"
    by_plane = exit.border == "minsk_airport"
    own = dice.some(("threats", "repeated_detentions", "searches", "pending_case", "fear"), 1, 3)
    found: Answers = {
        "reasons": ["taken_to_border", "release_and_removal"]
        if deported
        else [*(["ultimatum"] if exit.way == "ultimatum" else []), *own],
        "date": exit.when.edtf,
        "border_point": exit.border,
        "ways": ["official_transport"] if deported else ["plane" if by_plane else dice.pick(_WAYS)],
        "residence": "citizen",
        "papers_taken": ["passport", *dice.some(("court_papers", "belongings", "medical_papers"), 0, 2)]
        if exit.papers_taken
        else ["nothing"],
        "country": exit.country,
        "family": speech.note("s_family"),
        "return": speech.note("s_return"),
    }
    if deported:
        found["escort"] = dice.some(("gubopik", "kgb", "penitentiary", "border_guards"), 1, 2)
    if deported or exit.way == "ultimatum":
        found["words"] = speech.note("s_exit_words")
    if story.exit and story.exit.border == "russia_border":
        found["ways"] = [*found["ways"], "through_russia"]
    return found


def persecution(speech: Speech) -> list[Answers]:
    story, dice = speech.story, speech.dice
    if not story.trial:
        return []
    found = [_case(speech, story.trial)]
    if story.exit and dice.chance(25):
        day = min(free_on(story) + timedelta(dice.between(60, 500)), LAST_DAY)
        found.append(
            {"measure": dice.pick(("wanted", "wanted_russia", "extremist_list")), "date": f"{day.year}"}
        )
    return found


def _case(speech: Speech, trial: Trial) -> Answers:
    return {
        "measure": trial.measure,
        "articles": speech.articles(trial),
        "date": trial.when.edtf,
        "trial": speech.note("s_trial"),
        "lawyer": speech.dice.pick(("refused", "partly", "given")),
        "outcome": speech.note("s_penalty", **speech.trial(trial)),
    }


def disappearance(speech: Speech) -> list[Answers]:
    story, dice = speech.story, speech.dice
    if not story.disappearance:
        return []
    return [
        {
            "fate": dice.pick(("found_alive", "found_alive", "held_without_news")),
            "last_seen": story.when.edtf,
            "last_place": f"{speech.known['town']}, {speech.known['place']}",
            "circumstances": speech.note("s_fate"),
            "official_words": speech.note("s_official"),
            "basis": ["told"],
        }
    ]


def remedies(speech: Speech) -> list[Answers]:
    story, dice = speech.story, speech.dice
    found: list[Answers] = []
    for body, outcome, when in story.complaints:
        found.append({"body": body, "date": when.edtf, "outcome": outcome, "copy": dice.chance(40)})
        if outcome in ("refused", "check_only"):
            found[-1]["outcome_date"] = when.later(dice.between(10, 60), dice).edtf
    if not found and story.blows and story.chain:
        found.append({"body": "none", "why_not": speech.note("s_why_not")})
    return found


def prior(speech: Speech) -> list[Answers]:
    dice = speech.dice
    day = min(free_on(speech.story) + timedelta(dice.between(30, 400)), LAST_DAY)
    return [
        {
            "listener": listener,
            "organisation": speech.note("s_organisation"),
            "date": vague(day, dice) if dice.chance(50) else remembered(day, dice).edtf,
            "form": dice.some(("spoken", "written", "signed", "audio", "questionnaire"), 1, 2),
            "copy": dice.chance(30),
        }
        for listener in dice.some(_LISTENERS, 1, 2)
    ]


def account(speech: Speech) -> Answers:
    story, dice = speech.story, speech.dice
    if story.capacity not in ("on_behalf", "lawyer"):
        return {}
    day = min(free_on(story) + timedelta(dice.between(30, 900)), LAST_DAY)
    return {
        "interviewer": f"D-{dice.between(1, 40):02}",
        "interview_date": day.isoformat(),
        "interview_country": story.exit.country if story.exit else "LT",
        "interview_language": story.language,
        "recorded": dice.some(("spoken", "written", "audio"), 1, 2),
        "read_back": dice.chance(85),
    }
