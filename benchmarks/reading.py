"""Benchmark of guided reading: the share of unknown files read rightly with no choice, with one, with more.

The files and their right figures are made anew in each run; every call in them is invented. Questions that the reader
asks are answered as the person who has the file would. A wrong reading that asked nothing fails the whole benchmark.

    python benchmarks/reading.py [--draw N --seed S] [--cases FOLDER] [--only WORD] [--table FILE] [--keep FOLDER]

`--draw` adds files of faults combined at random; a seed that no one has fitted to is the honest test. `--table` writes
the result into the section of a document that is kept for it.
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.reading_corpus.adapter import read_with_suggestion
from benchmarks.reading_corpus.corpus import field_cases, fixed_cases, random_cases
from benchmarks.reading_corpus.truth import (
    FAILURES,
    Case,
    Reading,
    Verdict,
    answer_of,
    choices_of,
    differences,
    judge,
)

Reader = Callable[[Path, Mapping[str, str]], Reading]
MOST_ROUNDS = 6
"""Rounds of questions before a person gives up."""
WITH_NONE, WITH_ONE = 0.80, 0.95
"""Shares to reach: read rightly with no choice, of the files that settle everything; with at most one, of all."""


@dataclass(frozen=True)
class Result:
    """How one file came out; `asked` holds the topics a person had to settle."""

    case: Case
    verdict: Verdict
    asked: tuple[str, ...]
    remark: str
    choices: int = 0


def attempt(case: Case, path: Path, *, reader: Reader) -> Result:
    """Read a file and answer what the reader asks, until it asks no more."""
    answers: dict[str, str] = {}
    choices = 0
    reading = Reading(cannot="not tried")
    for _ in range(MOST_ROUNDS):
        reading = _read(path, answers, reader)
        questions = [question for question in reading.questions if question.topic not in answers]
        if not questions:
            break
        for question in questions:
            answer = answer_of(case, question)
            if answer is None:
                return Result(case, Verdict.REFUSED, tuple(answers), f"asked what no one knows: {question.topic}")
            answers[question.topic] = answer
        choices += choices_of(case, questions)
    asked = tuple(answers)
    verdict = judge(case, reading, asked=asked, choices=choices)
    return Result(case, verdict, asked, _remark(case, reading), choices)


def _read(path: Path, answers: Mapping[str, str], reader: Reader) -> Reading:
    try:
        return reader(path, answers)
    except Exception as error:
        return Reading(cannot=f"crashed: {type(error).__name__}: {error}")


def _remark(case: Case, reading: Reading) -> str:
    if reading.figures is None:
        return reading.cannot or reading.refusal or ""
    if case.figures is None:
        return "read, though it holds no calls"
    return "; ".join(differences(case.figures, reading.figures))


def run(cases: Sequence[Case], *, folder: Path, reader: Reader = read_with_suggestion) -> list[Result]:
    """Write every file into the folder and read it."""
    results = []
    for case in cases:
        path = folder / case.name
        case.write(path)
        results.append(attempt(case, path, reader=reader))
    return results


def table(results: Sequence[Result]) -> str:
    """One line a file."""
    rows = [(result.case.name, str(result.verdict), ", ".join(result.asked), result.remark[:90]) for result in results]
    return "\n".join(
        f"{name:44} {verdict:30} {asked or '–':24} {remark}".rstrip() for name, verdict, asked, remark in rows
    )


@dataclass(frozen=True)
class Shares:
    """The benchmark's figures, each as a count of a count."""

    settled: int
    right_with_none: int
    files: int
    right_with_one: int
    wrong: int

    @property
    def passed(self) -> bool:
        """Whether both shares are reached and nothing was read wrongly."""
        enough = self.right_with_none >= WITH_NONE * self.settled and self.right_with_one >= WITH_ONE * self.files
        return enough and not self.wrong


def shares(results: Sequence[Result]) -> Shares:
    """The shares read rightly. A file that must be refused counts with those that need no choice."""
    with_none = {Verdict.RIGHT, Verdict.REFUSED_RIGHTLY}
    settled = [result for result in results if not result.case.must_ask]
    return Shares(
        settled=len(settled),
        right_with_none=sum(result.verdict in with_none for result in settled),
        files=len(results),
        right_with_one=sum(result.verdict in {*with_none, Verdict.ONE_CHOICE} for result in results),
        wrong=sum(result.verdict in FAILURES for result in results),
    )


def summary(results: Sequence[Result]) -> str:
    """The counts of every verdict, and the shares against what is to be reached."""
    counts = Counter(result.verdict for result in results)
    found = shares(results)
    lines = [f"{counts[verdict]:4} {verdict}" for verdict in Verdict if counts[verdict]]
    return "\n".join([
        *lines, "",
        f"Right with no choice: {found.right_with_none} of {found.settled} files that settle everything "
        f"({found.right_with_none / max(found.settled, 1):.0%}; to reach: {WITH_NONE:.0%}).",
        f"Right with at most one choice: {found.right_with_one} of {found.files} files "
        f"({found.right_with_one / max(found.files, 1):.0%}; to reach: {WITH_ONE:.0%}).",
        f"Wrong readings: {found.wrong} (none allowed).",
        "Passed." if found.passed else "Not passed.",
    ])  # fmt: skip


BEGIN, END = "<!-- begin: reading benchmark -->", "<!-- end: reading benchmark -->"
GROUPS = (
    ("lists of calls", r"calls-"),
    ("interval tables", r"(quarter-|half-)?hours|days|weeks|months?"),
    ("files that leave something open", r"trap-"),
    ("drawn at random", r"drawn-"),
    ("the demo's", r"invented-"),
    ("cases from the field", r"case-"),
    ("suppliers' files", r""),
)
"""Groups of files by how their names begin; the last takes the others."""
COLUMNS = (
    (Verdict.RIGHT,), (Verdict.ONE_CHOICE,), (Verdict.MORE_CHOICES,), (Verdict.REFUSED_RIGHTLY,),
    (Verdict.REFUSED, Verdict.CANNOT), (Verdict.INCOMPLETE,), tuple(FAILURES),
)  # fmt: skip


def section(results: Sequence[Result], *, day: date, seeds: str) -> str:
    """The result as a section of a document: counts by group, and every file that was not read without a choice."""
    found = shares(results)
    lines = [
        f"Measured on {day.day} {day:%B %Y} on {found.files} files"
        + (f", of which those drawn have seed {seeds}, not opened before." if seeds else "."),
        f"{found.right_with_none} of the {found.settled} files that settle everything are read without a choice "
        f"({found.right_with_none / max(found.settled, 1):.0%}), and {found.right_with_one} of all with at most one "
        f"({found.right_with_one / max(found.files, 1):.0%}). Read wrongly: {found.wrong}.", "",
        "| files | number | no choice | one choice | more | refused, rightly | refused | without waits | wrong |",
        "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, group in _grouped(results).items():
        counts = [sum(result.verdict in verdicts for result in group) for verdicts in COLUMNS]
        lines.append(f"| {name} | {len(group)} | {' | '.join(map(str, counts))} |")
    lines += ["", "| file | came out | choices |", "|---|---|---|"]
    asked = [result for result in results if result.verdict not in (Verdict.RIGHT, Verdict.REFUSED_RIGHTLY)]
    lines += [f"| {result.case.name} | {result.verdict} | {_about(result) or 'none'} |" for result in asked]
    return "\n".join([BEGIN, *lines, END])


def _grouped(results: Sequence[Result]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        name = next(name for name, begins in GROUPS if re.match(begins, result.case.name))
        groups.setdefault(name, []).append(result)
    return groups


def _about(result: Result) -> str:
    """What was asked, by the kind of question, and in how many choices."""
    kinds = ", ".join(dict.fromkeys(topic.partition(":")[0].replace("_", " ") for topic in result.asked))
    return f"{result.choices}: {kinds}" if kinds else ""


def write_section(path: Path, text: str) -> None:
    """Put the section in its place in a document."""
    before, found, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        sys.exit(f"{path} has no place for the result: expected {BEGIN} and {END}.")
    path.write_text(before + text + after, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0 where it passed."""
    asked = _parser().parse_args(arguments)
    cases = [*fixed_cases(), *random_cases(asked.draw, seed=asked.seed)]
    if asked.cases:
        cases += field_cases(asked.cases)
    else:
        print("The cases from the field are left out: name their folder with --cases.", file=sys.stderr)
    chosen = [case for case in cases if asked.only in case.name]
    with tempfile.TemporaryDirectory() as folder:
        results = run(chosen, folder=Path(folder))
        if asked.keep:
            shutil.copytree(folder, asked.keep, dirs_exist_ok=True)
    print(table(results), summary(results), sep="\n\n")
    if asked.table:
        today, seed = datetime.now().astimezone().date(), str(asked.seed) if asked.draw else ""
        write_section(asked.table, section(results, day=today, seeds=seed))
    return 0 if shares(results).passed else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--draw", type=int, default=0, metavar="N", help="add N files of faults combined at random")
    parser.add_argument("--seed", type=int, default=0, help="the seed of those files")
    parser.add_argument("--cases", type=Path, help="folder of the cases from the field")
    parser.add_argument("--only", default="", metavar="WORD", help="only files whose name has this in it")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files there")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the result into this document's section")
    return parser


if __name__ == "__main__":
    sys.exit(main())
