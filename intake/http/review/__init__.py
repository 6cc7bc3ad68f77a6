"""The door for members of mechanisms: sessions by passkeys, and the console."""
