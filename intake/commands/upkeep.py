"""For operators: is everything there, is the machine fit, and moving to another one."""

from typing import Annotated

import typer

from intake import settings
from intake.audit.keys import LogKeys
from intake.commands.console import counted, err, fail, out, plain_errors
from intake.db import migrate
from intake.db.engine import Database
from intake.installation import open_installation, open_store
from intake.store.blobs import BlobStore
from intake.upkeep import check, doctor
from intake.upkeep.move import Move
from intake.upkeep.serving import not_serving


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("check")(check_)
    app.command("doctor")(doctor_)
    app.command("migrate-store")(migrate_store)


def check_(
    read_data: Annotated[bool, typer.Option("--read-data", help="Read and hash every blob, too.")] = False,
) -> None:
    """Is everything there, and what it was? Rows, references, logs, blobs. The server may run."""
    with plain_errors():
        found = open_installation(_existing())
        migrate.require_current(found.database)
        _report(found.database, found.store, found.log_keys, read_data)


def doctor_() -> None:
    """Is this machine fit to serve? Settings, permissions, disk, clock, database, store."""
    with plain_errors():
        loaded = _existing()
        troubles = list(doctor.examine(loaded, Database(loaded.database), open_store(loaded)))
        for trouble in troubles:
            style = "bold red" if trouble.grave else "yellow"
            out.print(f"{trouble.part}: {trouble.what}", style=style, markup=False)
            out.print(f"    {trouble.mend}", markup=False)
        if any(trouble.grave for trouble in troubles):
            fail("testimonies are at risk here: see above", 2)
        out.print("fit to serve" if not troubles else "fit to serve, but see above")


def migrate_store(
    database_url: Annotated[str, typer.Option(help="Where the rows go: a PostgreSQL URL.")] = "",
    store_url: Annotated[str, typer.Option(help="Where the blobs go: s3://bucket/prefix.")] = "",
    s3_endpoint: Annotated[str, typer.Option(help="Address of an S3 service other than Amazon's.")] = "",
    s3_region: Annotated[str, typer.Option(help="Region of the bucket.")] = "us-east-1",
) -> None:
    """Move the installation of the settings to another database and store. Cut off, it goes on."""
    with plain_errors():
        old = settings.load()
        new = settings.load(
            database_url=database_url, store_url=store_url, s3_endpoint=s3_endpoint, s3_region=s3_region
        )
        if not database_url or not store_url or new.database == old.database or store_url == old.store_url:
            fail("both are needed, and other than now: --database-url and --store-url")
        source, target = Database(old.database), Database(new.database)
        source_store, target_store = open_store(old), open_store(new)
        with not_serving(old, "stop the service first: what it takes in meanwhile would stay behind"):
            with counted() as progress:
                Move(source, source_store, target, target_store).run(progress)
            _report(target, target_store, LogKeys(old.keys_dir, old.public_url), read_data=True)
        out.print(
            "Moved, and checked. Set INTAKE_DATABASE_URL and INTAKE_STORE_URL (and INTAKE_S3_…) to the new"
            f" places and start the service. Keep {old.keys_dir}: receipts need its pepper. What lies in"
            " the old places was not touched; destroy it when you are sure.",
            markup=False,
        )


def _existing() -> settings.Settings:
    """Settings of an installation that is there: a look must not make one."""
    loaded = settings.load()
    if not loaded.data_dir.is_dir():
        fail(f"there is no installation in {loaded.data_dir.absolute()}: set INTAKE_DATA_DIR")
    return loaded


def _report(database: Database, store: BlobStore, keys: LogKeys, read_data: bool) -> None:
    bad = 0
    with counted() as progress:
        for finding in check.check(database, store, keys, read_data=read_data, progress=progress):
            bad += 1
            err.print(f"{finding.where}: {finding.what}", style="bold red", markup=False)
            err.print(f"    {finding.mend}", markup=False)
    if bad:
        fail(f"{bad} findings: see above", 2)
    out.print("everything is there" + (", and every byte is what was received" if read_data else ""))
