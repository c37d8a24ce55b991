"""Reference pages of the site, written from the code whenever the site is built: commands, settings, mapping keys."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "kcas" / "desk" / "standard.toml"
SECTION = re.compile(r"^(?:# )?(\[+[a-z_.]+\]+)\s*(?:#\s*(.*))?$")
SETTING = re.compile(r"^(?:# )?([a-z0-9_]+) = (.+?)(?:\s+#\s*(.*))?$")
MAPPING_WORDS = {
    "key": "a short name for the format, yours to choose",
    "words": "what the format is, in words",
    "kind": "`calls`: a row is a call; `intervals`: a row is a queue's interval",
    "delimiter": "what separates the fields",
    "quote": "what encloses a field; empty for nothing",
    "encoding": "how the file's characters are written",
    "zone": "the time zone of the log's clock",
    "repeated_hour": "which pass of October's repeated hour is meant",
    "before_header": "lines above the header",
    "columns": "names of the columns, where the file has no header",
    "recognise": "header columns by which a file is recognised",
    "file": "how the file is written, in a table of its own: `[file]`",
    "codes": "columns that hold one of a fixed set of one-word codes",
    "queue": "the queue: a column, or one name for all rows",
    "ignore": "rules for rows that are not calls",
    "decimal": "the decimal sign of the file's numbers: `point` or `comma`",
    "same_leg": "what rows of one leg are: the later row counts, or they are parts of one call",
    "updated": "the column and format of the time a record was written, by which the last one counts",
    "same_interval": "whether rows of one queue and interval are added, or the later row counts",
    "leg": "columns that together identify one call in one queue",
    "contact": "columns that link the legs of one caller's call",
    "entered": "the column and format of the time of queue entry",
    "outcome": "rules for how a call ended; the first that fits is used",
    "type": "the kind of caller or enquiry",
    "agent": "the column from which the agent's token is made",
    "caller": "the column from which the caller's token is made",
    "wait": "duration from queue entry to leaving the queue",
    "menu": "duration in the menu",
    "ring": "duration of ringing at the agent",
    "talk": "duration of the conversation",
    "hold": "duration on hold",
    "wrap": "duration of work after the call",
    "start": "the column and format of an interval's start",
    "length": "the length of an interval",
    "amount": "a column that counts, and the measure it gives",
}


def pages() -> dict[str, str]:
    """Every page made from the code, by its file's name."""
    return {"commands.md": commands(), "settings-keys.md": settings(), "mapping-keys.md": mapping()}


def write(folder: Path) -> None:
    """Write every page, but leave a file alone that would not change, so that a second build is quick."""
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """The lines of a table in Markdown."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


# Commands


def commands() -> str:
    """Every command with its arguments and options, as `--help` has them."""
    import typer

    from kcas.cli import app

    root = typer.main.get_command(app)
    head = ["# Commands", "", "Every command, as `kcas COMMAND --help` gives it. From a copy of the source, "
            "`python3 run.py kcas` replaces `kcas`.", ""]  # fmt: skip
    parts = [line for name, command in walk(root, "kcas") for line in command_lines(name, command)]
    return "\n".join([*head, *parts]) + "\n"


def walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """A command and those under it, each with the words that call it."""
    yield name, command
    for word, inner in sorted(getattr(command, "commands", {}).items()):
        yield from walk(inner, f"{name} {word}")


def command_lines(name: str, command: Any) -> list[str]:
    """The part of the page on one command."""
    rows = [parameter_row(each) for each in command.params if not getattr(each, "hidden", False)]
    lines = [f"## `{name}`", "", " ".join((command.help or "").split()), ""]
    return [*lines, *table(("option", "meaning", "unless given"), rows), ""] if rows else lines


def parameter_row(parameter: Any) -> tuple[str, str, str]:
    """An option or argument: how it is written, what it means, and what holds without it."""
    if parameter.param_type_name == "argument":
        name = f"`{(parameter.metavar or parameter.name).upper()}`"
    else:
        name = ", ".join(f"`{word}`" for word in (*parameter.opts, *parameter.secondary_opts))
    words = [" ".join((parameter.help or "").split()), limits_of(parameter)]
    if isinstance(parameter.envvar, str):
        words.append(f"Variable: `{parameter.envvar}`.")
    return name, " ".join(filter(None, words)), default_of(parameter)


def limits_of(parameter: Any) -> str:
    """Which values an option takes, where that is a list or a range."""
    if parameter.type_descriptor.is_choice:
        return f"One of {', '.join(f'`{choice.value}`' for choice in parameter.type_descriptor.choices)}."
    least, most = getattr(parameter, "min", None), getattr(parameter, "max", None)
    ends = (f"at least {least}" if least is not None else "", f"up to {most}" if most is not None else "")
    words = " and ".join(filter(None, ends))
    return f"{words.capitalize()}." if words else ""


def default_of(parameter: Any) -> str:
    """What holds where an option is left out."""
    shown = getattr(parameter, "show_default", None)
    if parameter.required:
        return "must be given"
    if isinstance(shown, str):
        return f"`{shown}`"
    if shown is False or parameter.default in (None, False, (), []) or callable(parameter.default):
        return "–"
    return f"`{getattr(parameter.default, 'value', parameter.default)}`"


# Settings


def settings() -> str:
    """Every key of the settings file, from the file that the product ships with its comments."""
    lines = ["# Every key of the settings file", "",
             "The settings hold the definition, thresholds, opening hours, holidays and targets of a contact centre. "
             "The product's own file is below: copy it, change it, and name it with `--standard`. "
             "A key that is not known is refused, with the nearest one that is.", ""]  # fmt: skip
    for place, words, rows in sections():
        lines += [f"## {f'`{place}`' if place else 'At the top'}", ""]
        lines += [f"{words[:1].upper()}{words[1:].rstrip('.')}.", ""] if words else []
        lines += [*table(("key", "example", "meaning"), rows), ""] if rows else []
    shipped = SETTINGS.read_text(encoding="utf-8")
    return "\n".join([*lines, "## The whole file", "", "```toml", shipped.rstrip(), "```"]) + "\n"


def sections() -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Each table of the settings file: its name, its comment and its keys; keys set out in comments too."""
    found: list[tuple[str, str, list[tuple[str, str, str]]]] = [("", "", [])]
    for line in SETTINGS.read_text(encoding="utf-8").splitlines():
        if part := SECTION.match(line):
            if part[1] not in [place for place, *_ in found]:
                found.append((part[1], part[2] or "", []))
        elif key := SETTING.match(line):
            rows = found[-1][2]
            if f"`{key[1]}`" not in [name for name, *_ in rows]:
                rows.append((f"`{key[1]}`", f"`{key[2]}`", key[3] or "–"))
    return found


# Mappings


def mapping() -> str:
    """Every key of a mapping file, and the values that are known."""
    from kcas.calls.call import INTERVAL_MEASURES, OUTCOMES
    from kcas.ingest import mapping as keys
    from kcas.ingest import mapping_values
    from kcas.ingest.columns import DURATIONS

    both = [key for key in keys.OF_CALLS if key in keys.OF_INTERVALS]
    kinds = (
        ("Of every mapping", both),
        ("Of a table of calls", [key for key in keys.OF_CALLS if key not in both]),
        ("Of a table of intervals", [key for key in keys.OF_INTERVALS if key not in both]),
    )
    lines = ["# Every key of a mapping", "",
             "A mapping describes the columns of a log. [Formats](../formats.md) has an example and the rules. "
             "A key that is not known is refused, with the nearest one that is.", ""]  # fmt: skip
    for title, names in kinds:
        rows = [(f"`{name}`", MAPPING_WORDS.get(name, "see [formats](../formats.md)")) for name in names]
        lines += [f"## {title}", "", *table(("key", "meaning"), rows), ""]
    known: list[tuple[str, Iterable[str]]] = [
        ("`delimiter`", (*keys.DELIMITERS, "any one character")),
        ("`encoding`", keys.ENCODINGS),
        ("`repeated_hour`", keys.REPEATED_HOUR),
        ("`same_leg`", keys.SAME_LEG_MEANS),
        ("`same_interval`", keys.SAME_INTERVAL),
        ("`length` of an interval", ("a duration", *keys.LENGTHS)),
        ("`format` of a duration", DURATIONS),
        ("`of` of a duration", mapping_values.WHICH_ROW),
        ("a condition", mapping_values.OF_TEST),
        ("`gives` of an outcome", OUTCOMES),
        ("`measure` of an amount", (*OUTCOMES, *INTERVAL_MEASURES)),
    ]
    rows = [(title, ", ".join(f"`{value}`" for value in values)) for title, values in known]
    return "\n".join([*lines, "## Values that are known", "", *table(("of", "values"), rows)]) + "\n"
