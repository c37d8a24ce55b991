"""`kcas mapping`: the mapping suggested for a file that no one has described, and what a file comes to by one."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer

from kcas.cli.context import store_if_any
from kcas.cli.options import Json, StandardFile, StoreFolder, Zone
from kcas.cli.printing import count, print_json, print_sentences, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcas.api.guided import Suggestion, Trial

mapping = typer.Typer(
    no_args_is_help=True, help="Describe a log that kcas does not know: suggest a mapping, check one."
)
File = Annotated[Path, typer.Argument(help="The log.", show_default=False)]
Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", help='Answer to a question, such as "date_order=day first"; may be repeated.'),
]


@mapping.command("suggest")
def suggest(
    file: File,
    answer: Answers = None,
    key: Annotated[str | None, typer.Option("--key", help="Short name of the mapping.")] = None,
    sheet: Annotated[str, typer.Option("--sheet", help="Sheet of a workbook; the best one unless named.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="File to write the mapping to (TOML).")] = None,
    as_json: Json = False,
    store: StoreFolder = None,
) -> None:
    """Print a mapping for a log of an unknown format, and the questions that the log leaves open.

    With --json, what the log comes to by the mapping is in `preview`, once no question is open.

    Where the log has nearly the columns of a mapping kept next to the store, print that one, and ask what has changed.
    """
    from kcas.api.guided import preview, suggest_mapping, toml_of
    from kcas.cli.ingest import native_messages_hidden

    held = store_if_any(store)
    with native_messages_hidden():
        suggestion = suggest_mapping(
            file, answers=_answers(answer or ()), key=key, store=held.store.folder, sheet=sheet
        )
        comes_to = preview(file, suggestion, standard=held.standard) if as_json else None
    if out is not None:
        _write(out, toml_of(suggestion))
    if as_json:
        print_json(suggestion.to_dict() | {"preview": comes_to})
    else:
        print(f"The mapping is in {out}.\n" if out else toml_of(suggestion), end="")
        _say_questions(suggestion)
    if suggestion.questions:
        raise typer.Exit(1)


def _write(out: Path, text: str) -> None:
    """Write the mapping. Raises SettingError where that cannot be done."""
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"{out}: cannot be written ({error.strerror}).") from None


def _say_questions(suggestion: Suggestion) -> None:
    """The open questions on standard error, each with the option that answers it; those of a group together."""
    from kcas.api.guided import AS_SUGGESTED

    groups = {question.group for question in suggestion.questions if question.likeliest}
    for group in sorted(groups):
        print(f'To accept the likely answer to each of these: --answer "{group}={AS_SUGGESTED}".', file=sys.stderr)
    for question in suggestion.questions:
        likely = f" Likely: {question.likeliest}." if question.likeliest else ""
        first = dict.fromkeys(filter(None, (question.likeliest, *question.options)))
        options = " or ".join(f'--answer "{question.topic}={option}"' for option in list(first)[:2])
        print(f"Not certain: {question.words}{likely} Answer with {options}.", file=sys.stderr)


def _answers(given: Sequence[str]) -> dict[str, str]:
    """Answers by topic. Raises SettingError for one without a topic."""
    answers = {}
    for each in given:
        topic, separator, text = each.rpartition("=")
        if not separator or not topic:
            raise SettingError(f'--answer: {each!r} is no answer. Expected one like "date_order=day first".')
        answers[topic.strip()] = text.strip()
    return answers


@mapping.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(help="The log; or the mapping (TOML), with the log after it.")],
    log: Annotated[Path | None, typer.Argument(help="The log, after a mapping.")] = None,
    described: Annotated[Path | None, typer.Option("--mapping", help="The mapping (TOML).")] = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Show what a log comes to by a mapping: ten rows as read, rejected rows by reason, and the totals."""
    from kcas.api.guided import kept_mapping_of, read_mapping, try_mapping
    from kcas.cli.ingest import native_messages_hidden

    if file.suffix.lower() == ".toml":
        described = file
        key = read_mapping(described).key
        if log is None:
            (print_json if as_json else _say_valid)({"mapping": str(described), "key": key, "valid": True})
            return
    elif log is not None:
        raise SettingError(f"{file}: not a mapping (.toml). Expected the mapping first and the log after it.")
    file = log or file
    held = store_if_any(store, standard=standard, zone=zone)
    with native_messages_hidden():
        described = described or kept_mapping_of(file, held)
        trial = try_mapping(file, described, standard=held.standard)
    if as_json:
        print_json(trial.to_dict())
    else:
        _show_trial(trial)


def _say_valid(found: Mapping[str, object]) -> None:
    print_sentences([f"{found['mapping']} can be used: format {found['key']}. Name a log after it to try it."])


def _show_trial(trial: Trial) -> None:
    """Ten rows, the rejected rows, the account of lines, and the question."""
    names = list(trial.rows[0]) if trial.rows else []
    rows = [tuple("" if row[name] is None else str(row[name]) for name in names) for row in trial.rows]
    print_table("The first rows as read", headings=tuple(names), rows=rows, beneath=[])
    report = trial.report
    ignored = "; ".join(f"{rule} ({times:,})" for rule, times in report.ignored.items()) or "none"
    print_sentences([
        f"Lines: {count(report.lines)}. Calls: {count(report.call_lines)}. Used: {count(report.used)}. "
        f"Ignored: {ignored}. Rejected: {count(report.refused)}.",
        *(f"Rejected rows: {times:,}. {reason}" for reason, times in trial.refusals.items()),
        *(f"{warning}." for warning in report.warnings_in_words),
        trial.sentence,
    ])  # fmt: skip
    for remedy in trial.remedies:
        print(f"{remedy.question.words} For example, {remedy.options[0]}: add to the mapping")
        print(indent(remedy.toml(remedy.options[0]), "    "))


@mapping.command("keep")
def keep(
    described: Annotated[Path, typer.Argument(help="The mapping (TOML); its key is the name it is kept under.")],
    by: Annotated[str, typer.Option("--by", help="Who describes the format.")],
    store: StoreFolder = None,
) -> None:
    """Keep a mapping next to the store: logs that have its columns are then read by it without --mapping."""
    from kcas.api.guided import keep_mapping, read_mapping

    held = store_if_any(store)
    path = keep_mapping(held.store, described.read_text(encoding="utf-8"), name=read_mapping(described).key, by=by)
    print_sentences([f"Kept as {path.name} in {path.parent}."])


@mapping.command("list")
def listed_mappings(store: StoreFolder = None, as_json: Json = False) -> None:
    """List the mappings kept next to the store: each version with when and by whom."""
    from kcas.api.guided import history_of

    history = history_of(store_if_any(store).store)
    if as_json:
        print_json({"mappings": history})
        return
    rows = [(line["name"], line["at"][:10], line["by"]) for line in history]
    print_table("Mappings kept", headings=("name", "kept on", "by"), rows=rows,
                beneath=[] if rows else ["None yet. Keep one with kcas mapping keep FILE --by NAME."])  # fmt: skip
