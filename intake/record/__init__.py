"""What a testimony consists of: media, consent texts, help. Pure: no database, no request."""
