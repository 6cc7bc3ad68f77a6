"""The door for mechanisms' programs: OAuth 2.0 with keys, and the pull API."""
