"""All tables, by subject. No `relationship()`: subjects refer to one another by id only."""

from intake.db.tables import audit, coming_back, people, review, staff, submissions
from intake.db.tables.base import metadata

__all__ = ["audit", "coming_back", "metadata", "people", "review", "staff", "submissions"]
