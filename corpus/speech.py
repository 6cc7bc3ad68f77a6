"""A person's way of speaking: phrasings of one language and gender, none of them twice."""

from datetime import date

from corpus import facts
from corpus.dice import Dice
from corpus.story import Blows, Stay, Story, Trial
from corpus.texts import counted, fill, fitting, place_of, table, words

_AND = {"be": " і ", "ru": " и ", "en": " and "}
_AFTER = {"be": "праз {}", "ru": "через {}", "en": "after {}"}


class Speech:
    """The words of one story. `say` gives a phrasing, or nothing if there is none left that fits.

    `known` are the words that every sentence may use.
    """

    def __init__(self, story: Story, dice: Dice) -> None:
        self.story = story
        self.dice = dice
        self.language = story.language
        self._used: set[str] = set()
        self.known = self._story_words()

    def say(self, name: str, **more: str) -> str:
        """One phrasing of a heading, or an empty text."""
        known = self.known | more
        left = [line for line in fitting(self.language, name, known) if line not in self._used]
        if not left:
            return ""
        line = self.dice.pick(left)
        self._used.add(line)
        return fill(line, self.language, self.story.gender, known)

    def note(self, name: str, **more: str) -> str:
        """The same for answers to questions, which may repeat what was said before."""
        known = self.known | more
        line = self.dice.pick(fitting(self.language, name, known))
        return fill(line, self.language, self.story.gender, known)

    def word(self, name: str, code: str, pairs: int = 1, second: bool = False) -> str:
        """A cell of a table in this language."""
        return words(name, code, place_of(self.language, pairs) + second)

    def row(self, name: str, number: int, column: int = 1) -> str:
        """A cell of a table without codes; `column` is that of Belarusian."""
        return table(name)[number][column + ("be", "ru", "en").index(self.language)]

    def count(self, thing: str, number: int) -> str:
        """A number with its noun."""
        return counted(self.language, thing, number)

    def facility(self, code: str) -> dict[str, str]:
        """`facility_to` and `facility_in`."""
        if self.language == "en":
            name = words("facilities", code, 5)
            return {"facility_to": f"to {name}", "facility_in": f"in {name}"}
        first = place_of(self.language, 2)
        return {
            "facility_to": words("facilities", code, first),
            "facility_in": words("facilities", code, first + 1),
        }

    def stay(self, stay: Stay) -> dict[str, str]:
        """The words for a place of custody."""
        people, places = self.count("people", stay.people), self.count("places", stay.places)
        return self.facility(stay.facility) | {"people": people, "places": places}

    def release(self, day: date, days: int, words_of_day: str) -> str:
        """When somebody came out: "after 13 days", or a date."""
        if 2 <= days <= 60 and self.dice.chance(60):
            return _AFTER[self.language].format(self.count("days", days))
        return words_of_day

    def trial(self, trial: Trial) -> dict[str, str]:
        """`penalty`, `articles`, `minutes`."""
        heading, amounts = {
            "administrative_arrest": ("p_arrest", {"days": self.count("days", trial.amount)}),
            "fine": ("p_fine", {"n": str(trial.amount)}),
            "prison_sentence": ("p_prison", {"years": self.count("years", trial.amount)}),
        }[trial.measure]
        return {
            "penalty": self.note(heading, **amounts),
            "articles": self.articles(trial),
            "minutes": self.count("minutes", trial.minutes),
        }

    def articles(self, trial: Trial) -> str:
        """The article, with the code of law that it is in."""
        return facts.CODES[self.language][trial.measure == "prison_sentence"].format(trial.article)

    def injury(self, kind: int, region: str) -> str:
        """One injury as a noun with its place."""
        on = self.word("regions", region, 2, second=True) if self.language != "en" else self._region(region)
        return self.row("injuries", kind, column=0).replace("{on}", on)

    def name(self, given: int, surname: int) -> str:
        """An invented name."""
        return f"{self.row('given', given)} {self.row('surnames', surname, column=0)}"

    # --- what every sentence may use ---

    def _story_words(self) -> dict[str, str]:
        story, language = self.story, self.language
        town = 1 if language == "be" else 3 if language == "ru" else 5
        found = {
            "when": story.when.words(language),
            "place": self.row("places", story.place),
            "daytime": self.word("times", story.time),
            "agency": self.word("agencies", story.agency),
            "town": words("towns", story.town, town),
            "town_in": f"in {words('towns', story.town, town)}"
            if language == "en"
            else words("towns", story.town, town + 1),
            "work": table("work")[story.work][{"be": 1, "ru": 3, "en": 5}[language]],
            "hours": self.count("hours", story.hours),
            "people": self.count("people", story.people),
        }
        if story.relation:
            found["relative"] = self.word("relations", story.relation, 2, second=story.gender == "f")
        if story.blows:
            found |= self._blows(story.blows)
        if story.injuries:
            found["injuries"] = ", ".join(self.injury(*injury) for injury in story.injuries)
        if story.exit:
            found |= {
                "exit": story.exit.when.words(language),
                "border": self.word("borders", story.exit.border),
                "country_to": self.word("countries", story.exit.country),
            }
        return found

    def _blows(self, blows: Blows) -> dict[str, str]:
        regions = [self._region(region) for region in blows.regions]
        return (self.facility(blows.facility) if blows.facility else {}) | {
            "means": self.word("means", blows.means),
            "regions": _AND[self.language].join((", ".join(regions[:-1]), regions[-1]))
            if len(regions) > 1
            else regions[0],
            "minutes": self.count("minutes", blows.minutes),
        }

    def _region(self, code: str) -> str:
        return words("regions", code, 5) if self.language == "en" else self.word("regions", code, 2)
