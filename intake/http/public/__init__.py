"""The door to the internet: submitters. Imports nothing that reviewers use."""
