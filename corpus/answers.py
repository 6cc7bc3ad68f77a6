"""The sections: a story as answers to questions, with the gaps that real answers have."""

from corpus.aftermath import account, departure, disappearance, persecution, prior, remedies
from corpus.dice import Dice
from corpus.gaps import gaps
from corpus.people import person_sections
from corpus.speech import Speech
from corpus.story import Stay, Story
from corpus.when import remembered, vague
from crypto.encoding import Json
from intake.record.sections import DECLINED, UNKNOWN

Answers = dict[str, Json]
_EVENT_OF = {
    "street": "detention",
    "march": "peaceful_gathering",
    "home": "search",
    "work": "work_or_study",
    "border": "border",
}
_VAGUE = 12  # dates in a hundred that are of the rarer forms


def answers(speech: Speech) -> dict[str, Json]:
    """All sections that this person answers, by their ids, in the order of the form."""
    story, dice = speech.story, speech.dice
    found: dict[str, Json] = {
        "submitter": _submitter(speech),
        "gates": _gates(story, dice),
        "sensitive": _sensitive(speech),
        "events": _events(speech),
        "acts": _acts(speech),
        "detention": [_detention(speech, stay) for stay in story.chain],
        "injuries": _injuries(speech),
        "perpetrators": _perpetrators(speech),
        "exit": departure(speech, story.exit) if story.exit else {},
        "legal_persecution": persecution(speech),
        "disappearance_or_death": disappearance(speech),
        "domestic_remedy": remedies(speech),
        "prior_statements": prior(speech),
        "account": account(speech),
        **person_sections(speech),
    }
    kept = {id: gaps(dice, value) for id, value in found.items() if value and not _left_out(id, story, dice)}
    return {id: value for id, value in kept.items() if value}


_RARE = {"prior_statements": 55, "legal_persecution": 25, "perpetrators": 20, "submitter": 30, "exit": 15}


def _left_out(id: str, story: Story, dice: Dice) -> bool:
    if story.length == "short" and id not in ("gates", "sensitive"):
        return dice.chance(75)
    if id in ("gates", "sensitive", "account"):
        return False
    return dice.chance(_RARE.get(id, 12))


def _date(speech: Speech, when: str, day_of: Story) -> str:
    return vague(day_of.when.day, speech.dice) if speech.dice.chance(_VAGUE) else when


def _submitter(speech: Speech) -> Answers:
    story, dice = speech.story, speech.dice
    if story.capacity in ("on_behalf", "lawyer"):
        return {
            "relation": "interviewed" if story.capacity == "on_behalf" else "client",
            "person_agreed": True,
            "organisation": speech.note("s_organisation"),
            "mandate": speech.note("s_mandate"),
            "reference": speech.note("s_refs", n=str(dice.between(10, 999))),
        }
    if story.relation:
        return {"relation": story.relation, "person_agreed": dice.chance(85)}
    relation = {"victim": "self", "direct_witness": "bystander", "medic": "patient"}.get(story.capacity)
    return {"relation": relation} if relation else {}


def _gates(story: Story, dice: Dice) -> Answers:
    if not (story.sexual_violence or story.under_18 or story.capacity == "insider") and dice.chance(35):
        return {}
    return {
        "sexual_violence": story.sexual_violence or (DECLINED if dice.chance(4) else False),
        "under_18": story.under_18 or (UNKNOWN if dice.chance(6) else False),
        "insider": story.capacity == "insider",
    }


def _sensitive(speech: Speech) -> Answers:
    """Only that a talk is wished for: nothing is described."""
    if not speech.story.sexual_violence:
        return {}
    return {
        "trained_interviewer": speech.dice.chance(80),
        "interviewer_wishes": speech.note("s_interview_wishes"),
        "contact_wish": speech.dice.pick(("mailbox", "through_organisation")),
    }


def _events(speech: Speech) -> list[Answers]:
    story = speech.story
    saw = ["saw", "heard"] if story.capacity in ("direct_witness", "medic") else ["experienced", "saw"]
    basis = ["told"] if story.capacity == "relative" else saw
    town, place = speech.known["town"], speech.known["place"]
    if story.capacity == "insider":
        return [
            {"type": "work_or_study", "date": story.when.edtf, "place": town, "basis": ["saw", "document"]}
        ]
    first: Answers = {
        "type": "hospital" if story.capacity == "medic" else _EVENT_OF[story.kind],
        "date": _date(speech, story.when.edtf, story),
        "time_of_day": story.time,
        "place": town if story.capacity == "medic" else f"{town}, {place}",
        "basis": basis,
    }
    if story.capacity != "medic":
        first["description"] = speech.note("s_arrest")
    found = [first]
    if not story.chain:
        return found
    found.append({"type": "transport", "date": story.when.edtf, "description": speech.note("s_transport")})
    for stay in story.chain[1:]:
        span = f"{stay.start.isoformat()}/{stay.end.isoformat()}" if stay.days else stay.start.isoformat()
        words = speech.note("s_custody", **speech.stay(stay))
        found.append({"type": "custody", "date": span, "description": words, "basis": basis})
    if story.trial:
        found.append({"type": "trial", "date": story.trial.when.edtf, "basis": basis})
    if story.exit:
        kind = "border" if story.exit.way == "deported" else "departure"
        found.append({"type": kind, "date": story.exit.when.edtf, "basis": basis})
    return found


def _acts(speech: Speech) -> list[Answers]:
    story, dice = speech.story, speech.dice
    found: list[Answers] = []
    basis = ["experienced"] if story.chain else ["told", "inferred"] if story.capacity == "medic" else ["saw"]
    if story.blows:
        blows = story.blows
        minutes = speech.count("minutes", blows.minutes)
        found.append(
            {
                "violations": ["force_at_gathering", "beating"]
                if not story.chain
                else ["beating", "humiliation"],
                "date": story.when.edtf,
                "methods": ["blows", *dice.some(("kneeling", "insults", "stress_position"), 0, 2)],
                "means": [blows.means, *(["restraints"] if dice.chance(30) else [])],
                "purposes": [dice.pick(("punishment", "intimidation", "opinion", "not_told"))],
                "duration": minutes,
                "words": speech.note("words") if dice.chance(40) else UNKNOWN,
                "description": speech.note("s_act"),
                "basis": basis,
            }
        )
        if blows.facility and story.chain:
            found[-1]["facility"] = blows.facility
    if story.phone:
        found.append(
            {
                "violations": ["threats", "phone_access"],
                "methods": ["threats"],
                "purposes": ["information", "phone_unlock"],
                "description": speech.note("s_act_phone"),
                "basis": basis,
            }
        )
    if story.filmed:
        found.append(
            {
                "violations": ["forced_confession", "filmed_confession"],
                "means": ["camera"],
                "purposes": ["filmed_confession"],
                "description": speech.note("s_act_film"),
                "basis": basis,
            }
        )
    if any(stay.people > 2 * stay.places for stay in story.chain[1:]):
        crowded = next(stay for stay in story.chain[1:] if stay.people > 2 * stay.places)
        found.append(
            {
                "violations": ["overcrowding", "bad_conditions"],
                "facility": crowded.facility,
                "methods": ["light", "overcrowding"],
                "duration": speech.count("days", crowded.days),
                "description": speech.note("s_act_conditions"),
                "basis": basis,
            }
        )
    if story.exit and story.exit.way == "deported":
        found.append(
            {"violations": ["forced_departure", "expulsion"], "date": story.exit.when.edtf, "basis": basis}
        )
    return found


def _detention(speech: Speech, stay: Stay) -> Answers:
    dice = speech.dice
    found: Answers = {
        "facility": stay.facility,
        "from": remembered(stay.start, dice).edtf,
        "to": remembered(stay.end, dice).edtf,
        "basis_shown": speech.note("s_basis"),
        "cell": None if stay.cell is None else str(stay.cell),
        "people": stay.people,
        "places": stay.places,
        "bedding": stay.bedding,
        "food": stay.food,
        "water": stay.water,
        "hygiene": stay.hygiene,
        "light": stay.light,
        "heat": stay.heat,
        "medical_help": stay.medical,
        "lawyer": stay.lawyer,
        "family_told": stay.family_told,
        "letters": stay.letters,
    }
    return {name: value for name, value in found.items() if value is not None}


def _injuries(speech: Speech) -> list[Answers]:
    story, dice = speech.story, speech.dice
    if not story.blows or story.capacity == "insider":
        return []
    found: list[Answers] = []
    for kind, region in story.injuries:
        found.append(
            {
                "description": speech.injury(kind, region),
                "regions": [region],
                "date": story.when.edtf,
                "cause": speech.note("s_cause"),
                "duration": speech.note("s_duration"),
                "still_felt": speech.note("s_still"),
                "medical_help": story.medical,
                "documents": dice.some(("photos", "medical_report", "certificate_abroad"), 1, 2),
            }
        )
        if story.medical in ("given", "partly"):
            found[-1]["medical_help_place"] = speech.note("s_place_help")
    return found


def _perpetrators(speech: Speech) -> list[Answers]:
    story, dice = speech.story, speech.dice
    if story.capacity in ("medic", "insider"):
        return []
    found: list[Answers] = [
        {
            "agency": story.agency,
            "agency_basis": dice.some(("saw", "heard", "inferred"), 1, 2),
            "number": speech.note("s_number"),
            "roles": ["took_part"],
            "words_heard": speech.note("s_words_heard"),
            "appearance": speech.note("s_appearance"),
            "face": dice.pick(("covered", "covered", "partly", "uncovered")),
            "clothing": speech.note("s_clothing"),
            "badge": UNKNOWN,
            "vehicle": speech.note("s_vehicle"),
            "recognise": dice.chance(25),
        }
    ]
    if dice.chance(30):
        nick: Answers = {
            "name": speech.note("s_nick"),
            "name_basis": ["heard"],
            "roles": ["ordered"],
            "agency": story.agency,
        }
        found.append(nick)
    if story.other_agency:
        found.append(
            {"agency": story.other_agency, "roles": dice.some(("stood_by", "filmed"), 1, 2), "name": UNKNOWN}
        )
    if story.chain[1:]:
        guards = "penitentiary" if story.chain[-1].facility.startswith("colony") else "holding_staff"
        found.append({"agency": guards, "agency_basis": ["saw"], "roles": ["helped"]})
    return found
