"""Testimony Intake: subjects below, doors above; imports point down only (`docs/house.md`)."""

__version__ = "0.1.0"
