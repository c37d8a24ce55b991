"""The command line: reads well for a person, and gives one JSON document to a program."""

import sys

import typer

from kcas.errors import KcasError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def kcas() -> None:
    """Abandoned calls: what was the rate, has it moved, and what would bring it down?"""


def main() -> None:
    """Run the command line; a person's mistake is said in a line or two, never with a traceback."""
    try:
        app()
    except KcasError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
