"""What invented stories are made of: the waves of repression, and how often which thing is in a story.

Times, places and agencies are those that published reports name; codes are of our vocabularies.
Weights are (item, how many in a hundred or so).
"""

from datetime import date

LANGUAGES = (("be", 45), ("ru", 40), ("en", 15))
CAPACITIES = (
    ("victim", 56), ("direct_witness", 13), ("relative", 10), ("on_behalf", 10), ("lawyer", 3), ("medic", 3),
    ("insider", 2), ("other", 3),
)  # fmt: skip
LENGTHS = (
    ("usual", 690),
    ("full", 240),
    ("short", 25),
    ("long", 45),
)  # long only for those who were held for months

WAVES = (("august", 38), ("autumn", 20), ("raids", 14), ("spring", 7), ("later", 9), ("deported", 12))
AUGUST = (
    (date(2020, 8, 9), 22),
    (date(2020, 8, 10), 36),
    (date(2020, 8, 11), 28),
    (date(2020, 8, 12), 14),
)
FIRST_SUNDAY, SUNDAYS = date(2020, 8, 16), 16
SPANS = {  # first day of a wave, and how many days it has
    "raids": (date(2021, 1, 11), 350),
    "spring": (date(2022, 2, 27), 40),
    "later": (date(2022, 5, 2), 980),
    "deported": (date(2021, 6, 1), 900),
}
REMOVALS = (date(2025, 6, 20), 460)  # when people were taken from prison to the border
LAST_DAY = date(2026, 9, 30)

KINDS = {  # how it began, by wave
    "august": (("street", 75), ("march", 25)),
    "autumn": (("march", 75), ("street", 25)),
    "raids": (("home", 70), ("work", 30)),
    "spring": (("march", 45), ("home", 45), ("work", 10)),
    "later": (("home", 45), ("work", 25), ("border", 30)),
    "deported": (("home", 75), ("work", 15), ("border", 10)),
}
AGENCIES = {
    "street": (("omon", 45), ("internal_troops", 18), ("plain_clothes", 17), ("almaz", 10), ("sobr", 10)),
    "march": (("omon", 60), ("plain_clothes", 25), ("internal_troops", 15)),
    "home": (("gubopik", 45), ("kgb", 25), ("district_police", 20), ("plain_clothes", 10)),
    "work": (("kgb", 40), ("gubopik", 40), ("district_police", 20)),
    "border": (("border_guards", 60), ("kgb", 40)),
}
TIMES = {
    "street": (("evening", 45), ("night", 40), ("afternoon", 15)),
    "march": (("midday", 30), ("afternoon", 60), ("evening", 10)),
    "home": (("early_morning", 60), ("morning", 25), ("evening", 15)),
    "work": (("morning", 50), ("midday", 25), ("afternoon", 25)),
    "border": (("night", 30), ("morning", 35), ("afternoon", 35)),
}
TOWNS = (
    ("minsk", 52), ("brest", 9), ("homiel", 8), ("hrodna", 8), ("viciebsk", 6), ("mahiliou", 5),
    ("baranavichy", 3), ("pinsk", 3), ("lida", 2), ("orsha", 2), ("babrujsk", 1), ("salihorsk", 1),
)  # fmt: skip
MEANS = (("truncheon", 55), ("hands_and_feet", 30), ("shield", 5), ("electroshock", 6), ("rifle_butt", 4))
HOSPITAL = 3  # a row of the table `work`
COLONIES = {
    "m": (
        "colony_1", "colony_2", "colony_8", "colony_15", "colony_17", "colony_22",
    ),
    "f": ("colony_4", "colony_4", "colony_4", "colony_24"),
}  # fmt: skip
CHANGED_ARTICLES = date(2021, 3, 1)  # a new code of administrative offences
ADMINISTRATIVE = ("23.34", "24.23")  # before and since
CRIMINAL = ("342", "130", "361-4", "368", "361-2")
CODES = {
    "be": ("арт. {} КаАП", "арт. {} КК"),
    "ru": ("ст. {} КоАП", "ст. {} УК"),
    "en": ("Art. {} CAO", "Art. {} CC"),
}
# Over 700 complaints about torture, and not one case: no complaint here has an outcome either.
OUTCOMES = (
    ("refused", 45), ("no_answer", 25), ("check_only", 15), ("not_accepted", 8),
    ("case_against_applicant", 7),
)  # fmt: skip
BODIES = (
    ("investigative_committee", 50), ("prosecutor", 25), ("police", 8), ("court", 7), ("facility", 4),
    ("interior_ministry", 4), ("un_committee", 2),
)  # fmt: skip
COUNTRIES = {  # by border point, and how likely it is
    "kamienny_loh": "LT",
    "bieniakoni": "LT",
    "kotlouka": "LT",
    "bruzhi": "PL",
    "brest_terespol": "PL",
    "urbany": "LV",
    "novaja_huta": "UA",
    "minsk_airport": "GE",
    "russia_border": "GE",
}
BORDERS = (
    ("kamienny_loh", 24), ("bieniakoni", 14), ("kotlouka", 5), ("bruzhi", 12), ("brest_terespol", 22),
    ("urbany", 7), ("minsk_airport", 7), ("russia_border", 9),
)  # fmt: skip
REMOVAL_BORDERS = (("kamienny_loh", 70), ("bieniakoni", 15), ("brest_terespol", 15))
BORN = {"": (1952, 2001), "parent": (1944, 1968), "child": (1984, 2002)}  # by who is told of
RELATIONS = (("spouse", 30), ("parent", 10), ("child", 30), ("sibling", 20), ("friend", 10))
