"""What uvicorn imports in each worker process: factories without arguments."""

from fastapi import FastAPI

from intake import app, logs, settings


def whole() -> FastAPI:
    """All doors."""
    return app.whole_app(_loaded())


def public() -> FastAPI:
    """The door to the internet."""
    return app.public_app(_loaded())


def feed() -> FastAPI:
    """The door for mechanisms' programs."""
    return app.feed_app(_loaded())


def _loaded() -> settings.Settings:
    loaded = settings.load()
    logs.configure(loaded.log_level)
    return loaded
