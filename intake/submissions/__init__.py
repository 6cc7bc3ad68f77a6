"""A testimony's way in: uploaded, or received by the form; tied together, stored, logged, answered."""
