"""The command line, for three kinds of people: operators, mechanisms, submitters."""

import typer

from intake.commands import (
    casework,
    clients,
    documenters,
    handover,
    keys,
    logs,
    mechanism,
    members,
    operate,
    own,
    read,
    send,
    staff,
    upkeep,
    verify,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
operate.register(app)
logs.register(app)
upkeep.register(app)
keys.register(app)
staff.register(app)
mechanism.register(app)
clients.register(app)
send.register(app)
documenters.register(app)
own.register(app)
read.register(app)
casework.register(app)
members.register(app)
handover.register(app)
verify.register(app)


def main() -> None:
    """Entry point of the `intake` command."""
    app()
