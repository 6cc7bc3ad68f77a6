"""A story: one invented person and what is said to have happened, before any words.

Sections and prose are both made from it, so that they agree.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from corpus import facts
from corpus.dice import Dice
from corpus.texts import table, words
from corpus.when import When, remembered

VOICES = ("victim", "relative", "on_behalf", "lawyer", "other")  # tell of one person's own way


@dataclass(frozen=True, slots=True)
class Stay:
    """One place of a chain of custody; `days` may be 0. Supplies and help are codes, or None if not said."""

    facility: str
    start: date
    days: int
    cell: int | None
    people: int
    places: int
    bedding: str | None
    food: str | None
    water: str | None
    hygiene: str | None
    light: str | None
    heat: str | None
    medical: str | None
    lawyer: str | None
    letters: str | None
    family_told: bool | None

    @property
    def end(self) -> date:
        return self.start + timedelta(self.days)


@dataclass(frozen=True, slots=True)
class Blows:
    """Beating: where, with what, on which parts of the body, for how many minutes."""

    facility: str | None
    means: str
    regions: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Trial:
    """`measure` is a code of legal_measures; `amount` counts days, base units or years."""

    measure: str
    amount: int
    article: str
    when: When
    minutes: int


@dataclass(frozen=True, slots=True)
class Exit:
    """`way`: own, ultimatum or deported."""

    way: str
    when: When
    border: str
    country: str
    papers_taken: bool


@dataclass(frozen=True, slots=True)
class Story:
    """All that one record is told from. `given`, `surname`, `work` and `place` are rows of tables."""

    language: str
    gender: str
    capacity: str
    relation: str | None
    length: str
    wave: str
    kind: str
    town: str
    when: When
    time: str
    place: int
    agency: str
    other_agency: str | None
    given: int
    surname: int
    born: int
    work: int
    hours: int
    people: int
    chain: tuple[Stay, ...]
    blows: Blows | None
    injuries: tuple[tuple[int, str], ...]
    medical: str | None
    trial: Trial | None
    complaints: tuple[tuple[str, str, When], ...]
    exit: Exit | None
    phone: bool
    filmed: bool
    insults: bool
    pressure: bool
    sexual_violence: bool
    under_18: bool
    disappearance: bool


def invent(dice: Dice) -> Story:
    """A story that has not happened to anybody."""
    capacity = dice.weighted(facts.CAPACITIES)
    waves = facts.WAVES if capacity in VOICES else facts.WAVES[: 4 if capacity == "insider" else 2]
    wave = dice.weighted(waves)
    kind = dice.weighted(facts.KINDS[wave]) if capacity in VOICES else dice.pick(("street", "march"))
    gender = dice.weighted((("m", 58), ("f", 42)))
    town = dice.weighted(facts.TOWNS)
    day = _day(wave, dice)
    held = capacity in VOICES
    relation = dice.weighted(facts.RELATIONS) if capacity == "relative" else None
    agency = dice.weighted(facts.AGENCIES[kind])
    hard = wave in ("august", "autumn")
    story = Story(
        language=dice.weighted(facts.LANGUAGES),
        gender=gender,
        capacity=capacity,
        relation=relation,
        length=dice.weighted(facts.LENGTHS),
        wave=wave,
        kind=kind,
        town=town,
        when=remembered(day, dice),
        time=dice.weighted(facts.TIMES[kind]),
        place=dice.pick([i for i, row in enumerate(table("places")) if row[0] == kind]),
        agency=agency,
        other_agency=dice.pick(("plain_clothes", "district_police", None))
        if agency != "plain_clothes"
        else None,
        given=dice.pick([i for i, row in enumerate(table("given")) if row[0] == gender]),
        surname=dice.below(len(table("surnames"))),
        born=dice.between(*facts.BORN.get(relation or "", facts.BORN[""])),
        work=facts.HOSPITAL if capacity == "medic" else dice.below(len(table("work"))),
        hours=dice.between(2, 14),
        people=dice.between(5, 60),
        chain=(),
        blows=None,
        injuries=(),
        medical=None,
        trial=None,
        complaints=(),
        exit=None,
        phone=held and dice.chance(70 if kind in ("home", "work", "border") else 25),
        filmed=held and wave not in ("august", "autumn") and dice.chance(55),
        insults=held and dice.chance(50),
        pressure=held and dice.chance(45),
        sexual_violence=held and dice.chance(4),
        under_18=dice.chance(5),
        disappearance=capacity == "relative" and dice.chance(20),
    )
    story = _custody(story, dice) if held else story
    if not held or dice.chance(88 if hard else 45):
        story = _violence(story, dice)
    if story.blows and held and dice.chance(60):
        story = replace(story, complaints=_complaints(story, dice))
    return replace(story, exit=_exit(story, dice))


def free_on(story: Story) -> date:
    """The day after the last custody; the day itself for those who were not held."""
    return story.chain[-1].end if story.chain else story.when.day


def _day(wave: str, dice: Dice) -> date:
    if wave == "august":
        return dice.weighted(facts.AUGUST)
    if wave == "autumn":
        return facts.FIRST_SUNDAY + timedelta(7 * dice.below(facts.SUNDAYS))
    first, days = facts.SPANS[wave]
    return first + timedelta(dice.below(days))


def _custody(story: Story, dice: Dice) -> Story:
    """Police, a holding centre, perhaps a remand prison and a colony; and the court between."""
    police = words("towns", story.town, 6).split()
    holding, remand = words("towns", story.town, 7).split(), words("towns", story.town, 8).split()
    day = story.when.day
    office = {"gubopik": "gubopik_office", "kgb": "kgb_office"}.get(story.agency)
    first = _stay(office if office and dice.chance(60) else dice.pick(police), day, dice.below(2), dice)
    criminal = story.wave == "deported" or (
        story.kind in ("home", "work", "border") and dice.chance(45) and day < date(2024, 1, 1)
    )
    if criminal:
        chain = [first, _stay(dice.pick(holding), first.end, dice.between(2, 10), dice)]
        chain.append(_stay(dice.pick(remand), chain[-1].end, dice.between(90, 300), dice))
        tried, served = chain[-1].end, dice.between(200, 420)
        years = (chain[-1].days * 3 // 2 + served) // 365 + 1
        if story.wave == "deported":
            first_removal, span = facts.REMOVALS
            served = (first_removal + timedelta(dice.below(span)) - tried).days
            years = served // 365 + dice.between(1, 5)
        chain.append(_stay(dice.pick(facts.COLONIES[story.gender]), tried, served, dice))
        measure, amount, article = "prison_sentence", years, dice.pick(facts.CRIMINAL)
    else:
        fined = dice.chance(25)
        days = dice.between(1, 3) if fined or dice.chance(35) else dice.between(5, 30)
        chain = [first, _stay(dice.pick(holding), first.end, days, dice)]
        if story.town == "minsk" and story.wave == "august" and dice.chance(12):
            chain.append(_stay("slutsk_camp", chain[-1].end, dice.between(1, 3), dice))
        elif days > 8 and chain[1].facility != "zhodzina_prison_8" and dice.chance(35):
            chain.append(_stay("zhodzina_prison_8", chain[-1].end, dice.between(2, 9), dice))
        tried = first.end + timedelta(dice.between(1, 2))
        measure = "fine" if fined else "administrative_arrest"
        amount = dice.pick((10, 20, 25, 30, 50)) if fined else sum(s.days for s in chain)
        article = facts.ADMINISTRATIVE[tried >= facts.CHANGED_ARTICLES]
        if story.wave == "august" and dice.chance(40):  # let go before any court
            return replace(story, chain=tuple(chain))
    trial = Trial(measure, max(amount, 1), article, remembered(tried, dice), dice.between(3, 20))
    return replace(story, chain=tuple(chain), trial=trial)


def _stay(facility: str, start: date, days: int, dice: Dice) -> Stay:
    police = facility.startswith(("ruvd", "rovd", "gubopik_", "kgb_office"))
    places = dice.pick((2, 4, 4, 6, 8, 10))

    def said(common: str, *others: str) -> str | None:
        if dice.chance(35):
            return None
        return common if dice.chance(60) else dice.pick(others)

    return Stay(
        facility=facility,
        start=start,
        days=days,
        cell=None if police or dice.chance(40) else dice.between(1, 48),
        people=dice.between(places, places * 5),
        places=places,
        bedding=said("none", "little", "enough"),
        food=said("little", "none", "enough", "changed"),
        water=said("little", "none", "enough"),
        hygiene=said("none", "little", "changed"),
        light=said("always_on", "day_and_night", "dark"),
        heat=said("cold", "hot", "bearable", "changed"),
        medical=said("refused", "partly", "not_asked", "given"),
        lawyer=said("refused", "partly", "not_asked", "given"),
        letters=said("refused", "partly", "given") if days > 3 else None,
        family_told=None if dice.chance(40) else dice.chance(20),
    )


def _violence(story: Story, dice: Dice) -> Story:
    facility = story.chain[0].facility if story.chain else None
    if story.capacity == "insider":
        facility = dice.pick(words("towns", story.town, 6).split())
    regions = tuple(dice.some([row[0] for row in table("regions")], 1, 3))
    blows = Blows(facility, dice.weighted(facts.MEANS), regions, dice.pick((3, 5, 10, 15, 20, 40)))
    kinds = len(table("injuries"))
    injuries = tuple((dice.below(kinds), region) for region in regions) if dice.chance(80) else ()
    medical = dice.pick(("given", "given", "partly", "refused", "not_asked")) if injuries else None
    return replace(story, blows=blows, injuries=injuries, medical=medical)


def _complaints(story: Story, dice: Dice) -> tuple[tuple[str, str, When], ...]:
    found = [_complaint(story, dice) for _ in range(dice.pick((1, 1, 2)))]
    return tuple(sorted(found, key=lambda complaint: complaint[2].day))


def _complaint(story: Story, dice: Dice) -> tuple[str, str, When]:
    day = min(free_on(story) + timedelta(dice.between(3, 120)), facts.LAST_DAY)
    return dice.weighted(facts.BODIES), dice.weighted(facts.OUTCOMES), remembered(day, dice)


def _exit(story: Story, dice: Dice) -> Exit | None:
    free = free_on(story)
    if story.wave == "deported":
        border = dice.weighted(facts.REMOVAL_BORDERS)
        return Exit("deported", remembered(free, dice), border, facts.COUNTRIES[border], dice.chance(85))
    day = free + timedelta(dice.between(5, 500))
    if day > facts.LAST_DAY or dice.chance(12):
        return None
    border = dice.weighted(facts.BORDERS)
    if day < date(2022, 2, 20) and dice.chance(20):
        border = "novaja_huta"
    way = "ultimatum" if dice.chance(22) else "own"
    return Exit(way, remembered(day, dice), border, facts.COUNTRIES[border], False)
