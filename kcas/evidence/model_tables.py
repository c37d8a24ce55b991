"""Tables of modelled figures, with nothing observed among them.

Projections of each point of recommendation 10 by itself, against the current position.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kcas.calls.definitions import the_definition
from kcas.desk.standard import Standard, Threshold
from kcas.evidence import document
from kcas.evidence.document import Basis, Block, Bullets, Cell, Column, Kind, Paragraph, Table
from kcas.evidence.facts import Facts, Model, PackRequest, Run
from kcas.reporting import words
from kcas.simulation.estimate import Estimate
from kcas.simulation.projection import Projection, compared, simulate
from kcas.simulation.scenario.assumptions import assumptions
from kcas.simulation.scenario.file import layers_of, read_scenario

AS_IT_IS = "today"
ALONE: Mapping[str, tuple[str, ...]] = {
    "i": ("assessment-given-up",),
    "ii": ("new-telephone-system", "training"),
    "iii": ("more-agents",),
}
"""Which scenario files say what each point is. The new telephone system's own file has training in it."""
TOGETHER = "all-three"
_Progress = Callable[[str, int, int], None]


def model(folder: Path | None, asked: PackRequest, *, standard: Standard, progress: _Progress | None = None) -> Model:
    """Every scenario there is of these, with the same simulated callers; empty where there is no day to start from."""
    wanted = [AS_IT_IS, *(name for names in ALONE.values() for name in names), TOGETHER]
    there = [name for name in wanted if folder and (folder / f"{name}.toml").is_file()]
    missing = tuple(name for name in wanted if name not in there)
    if folder is None or AS_IT_IS not in there:
        return Model(missing=tuple(wanted))
    counted = by_what_is_asked(asked, standard)
    runs: dict[str, Run] = {}
    files: dict[str, bytes] = {}
    first: Projection | None = None
    for name in there:
        path = folder / f"{name}.toml"
        files |= {part.relative_to(folder.resolve()).as_posix(): part.read_bytes() for part in layers_of(path)}
        projection = simulate(
            read_scenario(path), standard=counted, replications=asked.days, seed=asked.seed,
            progress=_of(name, progress),
        )  # fmt: skip
        runs[name] = _run(name, projection, first)
        first = first or projection
    return Model(runs, dict(sorted(files.items())), missing, the_definition(counted))


def by_what_is_asked(asked: PackRequest, standard: Standard) -> Standard:
    """The standard with what the pack is asked to count by; simulated callers bear no token, so calls are counted."""
    key = asked.definition or standard.definition
    key = "all_offered" if key == "lost_callers" else key
    usual = standard.threshold(key)
    short = Threshold(usual.short if asked.short is None else asked.short, usual.equal_is_short)
    return replace(
        standard,
        definition=key,
        thresholds={**standard.thresholds, key: short},
        service_level=asked.service_level or standard.service_level,
        within=standard.within if asked.within is None else asked.within,
        short=standard.short if asked.short is None else asked.short,
    )


def _of(name: str, progress: _Progress | None) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, of: progress(name, done, of)


def _run(name: str, projection: Projection, first: Projection | None) -> Run:
    scenario = projection.scenario
    return Run(
        name=name,
        question=scenario.question,
        invented=tuple(scenario.invented),
        supposes=tuple(assumptions(scenario)),
        measures=projection.measures(),
        difference=None if first is None else compared(first, projection),
    )


_COLUMNS = (
    Column("Scenario"), Column("Abandoned a day", Kind.NUMBER), Column("Out of", Kind.NUMBER),
    Column("Share", Kind.SHARE), Column("Low (95%)", Kind.SHARE), Column("High (95%)", Kind.SHARE),
    Column("Difference", Kind.POINTS), Column("From", Kind.POINTS), Column("To", Kind.POINTS),
)  # fmt: skip
ALSO = (Column("Mean wait, answered", Kind.SECONDS), Column("Agents' time on calls", Kind.SHARE))


def blocks(point: str, *, facts: Facts, basis: Basis) -> list[Block]:
    """What each scenario of a point would do alone, against the day as it is."""
    model = facts.model
    names = [name for name in ALONE.get(point, ()) if name in model.runs]
    if AS_IT_IS not in model.runs or not names:
        return [Paragraph("No scenario file was there to simulate, so the model says nothing here.")]
    runs = [model.runs[AS_IT_IS], *(model.runs[name] for name in names)]
    made: list[Block] = [Paragraph(_sentence(model.runs[name])) for name in names]
    return [*made, Bullets(tuple(supposed(runs))), _table(f"model-{point}", runs, facts=facts, basis=basis)]


def combined_effect(*, facts: Facts, basis: Basis) -> list[Block]:
    """What all of it would do, which is not what its parts would add up to."""
    model = facts.model
    names = (AS_IT_IS, *(name for names in ALONE.values() for name in names), TOGETHER)
    runs = [model.runs[name] for name in names if name in model.runs]
    if len(runs) < 2:
        return [Paragraph("No scenario file was there to simulate, so the model says nothing here.")]
    paragraphs = [Paragraph(_sentence(model.runs[TOGETHER]))] if TOGETHER in model.runs else []
    note = Paragraph("What the parts would do alone does not add up to what they would do together.")
    return [*paragraphs, note, _table("model-together", runs, facts=facts, basis=basis),
            _table("model-in-full", runs, facts=facts, basis=basis, full=True)]  # fmt: skip


def _sentence(run: Run) -> str:
    """What a scenario would do, in words."""
    rate, moved = run.measures["rate"], (run.difference or {}).get("rate")
    if rate.mean is None or moved is None or moved.mean is None:
        return f"Model, not observed. {run.question} No call was offered, so there is no rate to give."
    return (
        f"Model, not observed. {run.question} {words.percent(rate.mean)} of calls abandoned{_interval(rate)}, a "
        f"difference from the day as it is of {words.signed(moved.mean)} percentage points{interval_cell(moved)}."
    )


def _interval(rate: Estimate) -> str:
    """An interval of a share in brackets."""
    if rate.low is None or rate.high is None:
        return ""
    return f" (95% interval {words.interval(max(rate.low, 0.0), min(rate.high, 1.0))})"


def interval_cell(moved: Estimate) -> str:
    """An interval of a difference in brackets."""
    if moved.low is None or moved.high is None:
        return ""
    return f" (95% interval {words.signed(moved.low)} to {words.signed(moved.high)})"


def supposed(runs: Sequence[Run]) -> list[str]:
    """What the scenarios rest on, invented inputs first, each once."""
    every = [line for run in runs for line in run.supposes]
    return list(dict.fromkeys(every))


def _table(key: str, runs: Sequence[Run], *, facts: Facts, basis: Basis, full: bool = False) -> Table:
    """The scenarios side by side, the day as it is first."""
    alike = _alike(runs)
    notes = (
        f"Model, not observed: {words.count(facts.asked.days)} simulated days of each scenario with the same simulated "
        "callers, seed "
        f"{facts.asked.seed}. Intervals hold the long-run mean with 95% confidence.",
        "Counts are means a day. Difference, from and to are percentage points from the first row, day by day.",
        *alike,
    )
    columns = (*_COLUMNS, *ALSO) if full else _COLUMNS
    rows = tuple(_row(run)[: len(columns)] for run in runs)
    return Table(key, TITLES[key], columns, rows, basis, notes, inline=not full)


TITLES = {
    "model-i": "Model: the wider assessment work given up, alone",
    "model-ii": "Model: the new telephone system and training, alone",
    "model-iii": "Model: more agents, alone",
    "model-together": "Model: each alone, and all together",
    "model-in-full": "Model: the same, with waits and agents' time",
}


def _alike(runs: Sequence[Run]) -> list[str]:
    """Which scenarios came out the same, so that no one looks for a mistake."""
    seen: dict[tuple[object, object], list[str]] = {}
    for run in runs:
        seen.setdefault((run.measures["rate"].mean, run.measures["offered"].mean), []).append(run.name)
    return [
        f"The same figures come of {words.listed([name.replace('-', ' ') for name in names])}: as these files have it, "
        "they put equally many agents on the telephones."
        for names in seen.values()
        if len(names) > 1
    ]


def _row(run: Run) -> tuple[Cell, ...]:
    rate, measures = run.measures["rate"], run.measures
    moved = (run.difference or {}).get("rate")
    differs: tuple[Cell, ...] = (document.NOT_APPLICABLE,) * 3
    if moved is not None:
        differs = (document.share(moved.mean), document.share(moved.low), document.share(moved.high))
    return (
        run.name.replace("-", " "),
        document.number(measures["numerator"].mean), document.number(measures["denominator"].mean),
        document.share(rate.mean), document.share(rate.low), document.share(rate.high), *differs,
        document.seconds(measures["average_speed_of_answer"].mean), document.share(measures["occupancy"].mean),
    )  # fmt: skip
