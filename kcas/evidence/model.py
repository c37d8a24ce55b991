"""Projections of each point of recommendation 10 by itself, against the current position."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from kcas.calls.definitions import the_definition
from kcas.desk.standard import Standard, Threshold
from kcas.evidence.facts import Model, PackRequest, Run
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
Progress = Callable[[str, int, int], None]


def model(folder: Path | None, asked: PackRequest, *, standard: Standard, progress: Progress | None = None) -> Model:
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
        found = simulate(
            read_scenario(path), standard=counted, replications=asked.days, seed=asked.seed,
            progress=_of(name, progress),
        )  # fmt: skip
        runs[name] = _run(name, found, first)
        first = first or found
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


def _of(name: str, progress: Progress | None) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, of: progress(name, done, of)


def _run(name: str, found: Projection, first: Projection | None) -> Run:
    scenario = found.scenario
    return Run(
        name=name,
        question=scenario.question,
        invented=tuple(scenario.invented),
        supposes=tuple(assumptions(scenario)),
        measures=found.measures(),
        difference=None if first is None else compared(first, found),
    )
