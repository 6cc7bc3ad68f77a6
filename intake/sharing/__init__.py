"""What goes out to mechanisms: the feed, and one record with its parts, each access logged first."""
