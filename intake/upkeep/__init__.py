"""Looking after an installation: what runs by itself, what is checked, what is moved."""
