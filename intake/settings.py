"""All settings, read once from the environment (`INTAKE_…`) and passed down. `docs/operating.md`.

No default is a secret: pepper and OPRF keys are made on first start, in files under `data_dir/keys`.
"""

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from intake.errors import ConfigurationError

MIB = 1024 * 1024


def _plain_url(value: str) -> str:
    if not value.startswith(("http://", "https://")) or value.endswith("/"):
        raise ValueError("must start with http:// or https:// and not end in a slash")
    return value


Url = Annotated[str, AfterValidator(_plain_url)]


class Settings(BaseSettings):
    """Each field is the environment variable INTAKE_<NAME IN CAPITALS>."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path("var"), description="Folder for database, blobs, staged uploads and keys.")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in data_dir.")
    store_url: str = Field("", description="s3://bucket/prefix for blobs; empty: files in data_dir.")
    s3_endpoint: str = Field("", description="Address of an S3 service other than Amazon's.")
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    public_url: Url = Field(
        "http://127.0.0.1:8000", description="Where clients reach the service; the OAuth issuer."
    )
    review_url: Url = Field(
        "http://localhost:8000",
        description="Where members reach the review door. Its host is what their passkeys are for, for good.",
    )
    workers: int = Field(1, ge=1, le=64, description="Server processes; SQLite needs 1.")

    plain_form: bool = Field(
        True, description="Offer the form without JavaScript, for which the server sees the text."
    )
    web_dir: Path = Field(
        Path(__file__).parent.parent / "web" / "dist",
        description="What 'make web' built; without it pages have no scripts.",
    )
    quit_url: str = Field("https://www.wikipedia.org/", description="Where 'leave this page quickly' goes.")

    max_file_mib: int = Field(4096, ge=1, description="Largest single photo or video.")
    max_files: int = Field(200, ge=1, le=1000, description="Most files in one submission.")
    max_text_kib: int = Field(2048, ge=16, le=8192, description="Longest narrative.")
    max_pending_mib: int = Field(
        65536, ge=1, description="All uploads together that no submission has claimed yet."
    )
    reserve_mib: int = Field(512, ge=0, description="Free disk space below which uploads are refused.")
    max_drafts_mib: int = Field(
        2048, ge=1, description="All drafts together that nobody has sent yet; they are in the database."
    )
    max_active_uploads: int = Field(
        32, ge=1, description="Large bodies received at once; others wait. Some 4 MiB each, with S3 some 25."
    )
    body_idle_seconds: int = Field(
        60, ge=1, le=3600, description="A body from which nothing comes for this long is given up."
    )
    upload_hours: int = Field(24, ge=1, le=24 * 30, description="After this an unclaimed upload expires.")

    receipt_concurrency: int = Field(
        2, ge=1, le=64, description="Argon2id evaluations at once (19 MiB each)."
    )
    oprf_epoch_days: int = Field(90, ge=1, le=3650, description="Life of a deduplication key.")
    oprf_grace_hours: int = Field(
        24, ge=0, le=24 * 30, description="The previous epoch answers this long after closing."
    )
    oprf_per_second: int = Field(50, ge=1, description="Evaluations per second, all clients together.")
    oprf_burst: int = Field(5000, ge=1, description="Evaluations that may come at once.")
    merge_min_hours: int = Field(
        1, ge=0, le=24 * 30, description="Equal payloads are merged no earlier than this."
    )
    merge_max_hours: int = Field(24, ge=0, le=24 * 30, description="…and no later than this after arrival.")
    maintain_minutes: int = Field(15, ge=1, le=1440, description="How often the worker merges and sweeps.")

    publish_minutes: int = Field(60, ge=1, le=1440, description="Period of the logs' checkpoints.")
    publish_block: int = Field(
        16, ge=1, le=4096, description="Least number of leaves by which a log grows each period; padded."
    )
    log_sequencer: bool = Field(
        False, description="PostgreSQL: number log entries apart from the actions; for many workers."
    )

    console_dir: Path = Field(
        Path(__file__).parent.parent / "web" / "dist-console",
        description="The console for reviewers, as 'make web' built it.",
    )
    member_daily: int = Field(
        30, ge=1, description="Records that a member may open in a day, unless changed."
    )
    client_daily: int = Field(2500, ge=1, description="Records that a program may open in a day.")
    token_minutes: int = Field(10, ge=1, le=60, description="Life of an access token of the feed.")
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least severe event logged."
    )

    @model_validator(mode="before")
    @classmethod
    def _own_address(cls, values: Any) -> Any:
        """Without a public address, the one it listens on: what is printed and proven must be true."""
        if isinstance(values, dict) and "public_url" not in values:
            host = values.get("host", "127.0.0.1")
            host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
            values["public_url"] = f"http://{host}:{values.get('port', 8000)}"
        if isinstance(values, dict) and "review_url" not in values:  # no passkey is for an address of numbers
            values["review_url"] = values["public_url"].replace("//127.0.0.1", "//localhost")
        return values

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.merge_min_hours > self.merge_max_hours:
            raise ValueError("merge_min_hours must not exceed merge_max_hours")
        if self.workers > 1 and self.database.startswith("sqlite"):
            raise ValueError("several workers need PostgreSQL: SQLite's writer lock lives in one process")
        if self.log_sequencer and self.database.startswith("sqlite"):
            raise ValueError("log_sequencer is for PostgreSQL: SQLite has one writer anyway")
        if self.store_url and not self.store_url.startswith("s3://"):
            raise ValueError("store_url must start with s3://")
        return self

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute()}/intake.db"

    @property
    def spool_dir(self) -> Path:
        """Where large files of the plain form wait, encrypted, for their key."""
        return self.data_dir / "spool"

    @property
    def keys_dir(self) -> Path:
        """Secrets of the server: kept out of the database and its backups."""
        return self.data_dir / "keys"


def load(**overrides: object) -> Settings:
    """Read the environment; `ConfigurationError` names each variable that is wrong, and why."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            lines.append(f"  {'INTAKE_' + name if name else 'settings'}: {problem['msg']}")
        raise ConfigurationError("settings are not usable:\n" + "\n".join(lines)) from None
