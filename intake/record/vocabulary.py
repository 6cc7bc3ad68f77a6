"""Closed lists of terms. Their words in each language are in the catalogues."""

CAPACITIES = (
    "victim",
    "direct_witness",
    "relative",
    "on_behalf",
    "lawyer",
    "medic",
    "insider",
    "other",
)
