"""What members of a mechanism do with records, through `sharing.access` only."""
