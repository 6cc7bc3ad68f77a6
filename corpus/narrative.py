"""The prose: a story told in sentences, in the person's language and gender."""

from collections.abc import Callable, Iterator

from corpus.speech import Speech
from corpus.story import Stay, Story, free_on
from corpus.texts import counted
from corpus.when import When

LEAST, MOST = 800, 6000  # characters of a usual narrative
LONG = (50_000, 65_000)
_MORE = {  # what is added where a story came out short, by who tells it; all others were held
    "": (
        "beating_others",
        "night",
        "solidarity",
        "words",
        "insults",
        "still",
        "pressure",
        "today",
        "why",
        "closing",
    ),
    "direct_witness": ("w_more", "w_saw", "w_after", "still", "closing"),
    "medic": ("m_more", "m_saw", "m_after", "closing"),
    "insider": ("i_more", "i_saw", "i_after", "closing"),
}
_LONG_CUSTODY = 90  # days, for a diary of all of them
_NOTES = 9  # most in one day of those, and how many others come before one comes again


def tell(speech: Speech) -> str:
    """The whole narrative; paragraphs stand between empty lines."""
    story, dice = speech.story, speech.dice
    if story.length == "short":
        return " ".join(_sentences(speech, _short(story)))
    told = {
        "direct_witness": _witness,
        "medic": _medic,
        "insider": _insider,
    }.get(story.capacity, _person)
    paragraphs = [text for text in (" ".join(filter(None, part)) for part in told(speech)) if text]
    held = sum(stay.days for stay in story.chain)
    if story.length == "long" and held > _LONG_CUSTODY:
        paragraphs[-1:-1] = _diary(speech, held, _NOTES, dice.between(*LONG) - sum(map(len, paragraphs)))
    elif story.length == "full" and held > 1:
        paragraphs[-1:-1] = _diary(speech, min(held, 40), 3, dice.between(300, 3200))
    for name in _MORE.get(story.capacity, _MORE[""]):
        if sum(len(p) + 2 for p in paragraphs) >= LEAST + 10:
            break
        if more := " ".join(filter(None, (speech.say(name) for _ in range(3)))):
            paragraphs.insert(-1, more)
    return "\n\n".join(paragraphs)


_Part = list[str]


def _sentences(speech: Speech, names: tuple[str, ...]) -> Iterator[str]:
    return (sentence for name in names if (sentence := speech.say(name)))


def _short(story: Story) -> tuple[str, ...]:
    return {
        "direct_witness": ("w_arrival",),
        "medic": ("m_arrival",),
        "insider": ("i_saw",),
    }.get(story.capacity, (f"arrest_{story.kind}",))


def _maybe(speech: Speech) -> Callable[..., str]:
    def say(name: str, percent: int, **more: str) -> str:
        likely = percent == 0 or speech.story.length != "full"
        return speech.say(name, **more) if speech.dice.chance(percent if likely else 100) else ""

    return say


def _person(speech: Speech) -> Iterator[_Part]:
    """The way through arrest, custody, court, departure of those who lived it (or of whom it is told)."""
    story, say, maybe = speech.story, speech.say, _maybe(speech)
    if story.capacity in ("relative", "on_behalf", "lawyer"):
        yield [say(f"intro_{story.capacity.removeprefix('on_')}")]
    elif speech.dice.chance(15):
        yield [say("still")]
    yield [maybe("intro", 60), maybe("background", 65)]
    yield [
        say(f"arrest_{story.kind}"),
        maybe("why", 70),
        maybe("transport", 55, hours=speech.count("hours", speech.dice.between(2, 4))),
    ]
    station = story.chain[0]
    yield [
        say("station", **speech.facility(station.facility)),
        maybe("insults", 100 if story.insults else 0),
        *_beating(speech),
    ]
    yield [
        maybe("phone", 100 if story.phone else 0),
        maybe("confession", 100 if story.filmed else 0),
        maybe("gate_minor", 100 if story.under_18 else 0),
        maybe("gate_sexual", 100 if story.sexual_violence else 0),
    ]
    for stay in story.chain[1:]:
        if stay.facility.startswith("colony"):
            yield [_trial(speech)]
        yield _custody(speech, stay)
    if not story.chain[-1].facility.startswith("colony"):
        yield [_trial(speech)]
    yield [maybe("solidarity", 45)]
    if not (story.exit and story.exit.way == "deported"):
        yield [_release(speech), *_afterwards(speech)]
    yield _complaints(speech)
    yield _departure(speech)
    yield [maybe("today", 55), maybe("still", 35), say("closing")]


def _beating(speech: Speech) -> _Part:
    if not speech.story.blows:
        return []
    maybe = _maybe(speech)
    return [speech.say("beating"), maybe("words", 60), maybe("beating_others", 50)]


def _custody(speech: Speech, stay: Stay) -> _Part:
    """One place of custody: how crowded it was, what was lacking."""
    maybe, known = _maybe(speech), speech.stay(stay)
    colony = stay.facility.startswith("colony")
    part = [speech.say("colony" if colony else "custody", **known)]
    if not colony:
        part.append(maybe("cell", 85, **known))
    for name in ("bedding", "food", "water", "light", "heat", "hygiene", "letters", "medical", "lawyer"):
        code = getattr(stay, name)
        heading = f"{name}_{code}"
        if code and heading in _TOLD:
            part.append(maybe(heading, 70))
    if stay.family_told is False:
        part.append(maybe("family_untold", 60))
    return [*part, maybe("night", 40)]


_TOLD = frozenset(
    (
        "bedding_none", "bedding_little", "food_none", "food_little", "water_none", "water_little",
        "light_always_on", "heat_cold", "heat_hot", "hygiene_none", "letters_refused", "medical_refused",
        "medical_partly", "lawyer_refused",
    )
)  # fmt: skip


def _trial(speech: Speech) -> str:
    trial = speech.story.trial
    if not trial:
        return ""
    criminal = trial.measure == "prison_sentence"
    return speech.say("trial_criminal" if criminal else "trial_admin", **speech.trial(trial))


def _release(speech: Speech) -> str:
    story = speech.story
    free = free_on(story)
    when = When(free, "exact" if story.when.form in ("exact", "unsure") else "month").words(story.language)
    days = (free - story.when.day).days
    return speech.say("release", release=speech.release(free, days, when))


def _afterwards(speech: Speech) -> _Part:
    story, maybe = speech.story, _maybe(speech)
    if not story.injuries:
        return []
    return [speech.say("injury"), maybe("hospital", 60 if story.medical in ("given", "partly") else 0)]


def _complaints(speech: Speech) -> _Part:
    part = []
    for body, outcome, when in speech.story.complaints:
        known = {"body": speech.word("bodies", body), "complaint": when.words(speech.language)}
        if said := speech.say("complaint", **known):
            part += [said, speech.say(f"outcome_{outcome}")]
    if not part and speech.story.blows:
        part.append(_maybe(speech)("complaint_none", 60))
    return part


def _departure(speech: Speech) -> _Part:
    story, maybe = speech.story, _maybe(speech)
    part = [speech.say("pressure")] if story.pressure else []
    if not story.exit:
        return part
    if story.exit.way == "ultimatum":
        part.append(speech.say("ultimatum"))
    part.append(speech.say("deported" if story.exit.way == "deported" else "departure"))
    if story.exit.papers_taken:
        part.append(speech.say("papers"))
    return [*part, maybe("return", 60)]


def _witness(speech: Speech) -> Iterator[_Part]:
    story, maybe = speech.story, _maybe(speech)
    yield [maybe("background", 40), speech.say("w_arrival")]
    yield [speech.say("w_saw") for _ in range(speech.dice.between(2, 4))]
    yield [speech.say("w_count"), maybe("gate_minor", 100 if story.under_18 else 0)]
    yield [speech.say("w_after") for _ in range(speech.dice.between(1, 3))]
    yield _departure(speech)
    yield [maybe("still", 50), speech.say("closing")]


def _medic(speech: Speech) -> Iterator[_Part]:
    yield [speech.say("m_arrival")]
    yield [speech.say("m_saw") for _ in range(speech.dice.between(2, 4))]
    yield [speech.say("m_after") for _ in range(speech.dice.between(1, 3))]
    yield _departure(speech)
    yield [speech.say("closing")]


def _insider(speech: Speech) -> Iterator[_Part]:
    yield [speech.say("i_arrival")]
    yield [speech.say("i_saw") for _ in range(speech.dice.between(2, 4))]
    yield [speech.say("i_after") for _ in range(speech.dice.between(1, 2))]
    yield _departure(speech)
    yield [speech.say("closing")]


def _diary(speech: Speech, days: int, most: int, size: int) -> Iterator[str]:
    """Notes of the days of a custody, at most so many a day, and about `size` characters together."""
    yield speech.say("diary_intro")
    each, written = size // days, 0
    told: list[str] = []
    for day in range(1, days + 1):
        notes: list[str] = []
        while sum(map(len, notes)) < each and len(notes) < most:
            people = counted(speech.language, "people", speech.dice.between(4, 40))
            note = speech.note("diary", n=str(day), people=people).partition(". ")
            if note[2] not in told[-_NOTES:]:
                notes.append(note[2])
                told.append(note[2])
        if notes:
            text = f"{note[0]}. {' '.join(notes)}"
            written += len(text) + 2
            yield text
        if written >= size:
            return
