"""The commands of `intake`, by who uses them: `operate`, `mechanism`, `send`, `read`."""
