"""Results of a store's calls without a model: imports, measures, patience, control chart, change since a date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result, plain_values
from kcas.api.selection import Day, optional_day

if TYPE_CHECKING:
    import polars as pl

    from kcas.calls.coverage import Coverage
    from kcas.calls.definitions import Definition
    from kcas.calls.patience import Patience
    from kcas.desk.standard import Standard
    from kcas.distributions.fitting import Fit
    from kcas.ingest.report import FileReport
    from kcas.monitoring.rate_chart import PeriodCount, RateChart
    from kcas.monitoring.since import Since, Verdict, Week
    from kcas.reporting.measures_report import MeasuresReport

PATIENCE_IN_WORDS = (
    "the share of callers who would still be waiting had no one answered: giving up is the event, "
    "an answer or any other way out only says that the caller was prepared to wait so long "
    "(Kaplan–Meier, 95% log-log interval)"
)
CURVE = ("at", "still_waiting", "low", "high")
LONGEST_DRAWN = 0.98
"""The share of waits that a drawn curve reaches: the last few would stretch it out of sight."""


@dataclass(frozen=True)
class ImportResult(Result):
    """What became of each file: every line of it accounted for."""

    reports: tuple[FileReport, ...]
    repairs: tuple[str, ...] = ()
    """Sentences on what was put right in the store beforehand."""

    def __iter__(self) -> Iterator[FileReport]:
        """The report of each file."""
        return iter(self.reports)

    def to_dict(self) -> dict[str, Any]:
        """The files of what `kcas ingest --json` prints."""
        return plain_values({"files": [report.to_json() for report in self.reports]})

    def to_frame(self) -> pl.DataFrame:
        """One row a file: its lines, what was new, already held, superseded and refused, and its error if any."""
        import polars as pl

        counts = ("lines", "calls", "intervals", "new", "already_held", "superseded", "refused")
        rows = [
            {
                "file": one.file,
                "format": one.format,
                **{name: getattr(one, name) for name in counts},
                "error": one.error,
            }
            for one in self.reports
        ]
        texts = dict.fromkeys(("file", "format"), pl.String)
        return pl.DataFrame(rows, schema={**texts, **dict.fromkeys(counts, pl.Int64), "error": pl.String})

    def plot(self) -> Any:
        """New, already held, superseded and refused rows of each file as bars."""
        import altair as alt

        parts = ("new", "already_held", "superseded", "refused")
        rows = [{"file": one.file, "rows": getattr(one, part), "part": part} for one in self.reports for part in parts]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(
                x=alt.X("rows:Q", title="Rows"),
                y=alt.Y("file:N", title=None, sort=None),
                color=alt.Color("part:N", title=None),
            )
        )


@dataclass(frozen=True)
class Measures(Result):
    """Measures of each group, with the definitions they were counted by and the notes that belong next to them."""

    report: MeasuresReport
    by: str

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that belong next to the figures: days missing, calls left out, settings unused."""
        return self.report.measured.notes

    def to_frame(self) -> pl.DataFrame:
        """One row a group: counts, the rate's numerator and denominator, rate, 95% interval, service level, waits."""
        return self.report.measured.rows

    def to_dict(self) -> dict[str, Any]:
        """What `kcas measures --json` prints."""
        return plain_values(self.report.to_dict())

    def plot(self) -> Any:
        """The rate of each group with its 95% interval; the tooltip holds its numerator and denominator."""
        import altair as alt

        rate = self.report.measured.definition
        names = ("group", "rate", "low", "high", "numerator", "denominator")
        rows = self.to_frame().drop_nulls("rate").select(names).to_dicts()
        base = alt.Chart(alt.Data(values=rows), title=f"{rate.words} ({rate.key})").encode(
            x=alt.X("group:N", title=self.by, sort=None), tooltip=[f"{name}:N" for name in names]
        )
        interval = base.mark_rule().encode(y=alt.Y("low:Q"), y2="high:Q")
        axis = alt.Y("rate:Q", title="Abandoned", axis=alt.Axis(format=".0%"), scale=alt.Scale(zero=True))
        return interval + base.mark_point(filled=True).encode(y=axis)


@dataclass(frozen=True)
class CallerPatience(Result):
    """How long callers wait before they abandon: survival curve with censoring, fitted distributions, hazard."""

    measured: Patience
    notes: tuple[str, ...] = ()

    @property
    def median(self) -> float | None:
        """The wait at which half would have abandoned, in seconds; None where the curve does not fall so far."""
        return self.measured.median

    def to_dict(self) -> dict[str, Any]:
        """What `kcas patience --json` prints."""
        found, fits = self.measured, {fit.law: fit for fit in self.measured.fits}
        best = found.best_fit
        return plain_values(
            {
                "words": PATIENCE_IN_WORDS,
                "calls": found.calls,
                "abandoned": found.abandoned,
                "wait_not_known": found.wait_not_known,
                "curve": self.to_frame().to_dicts(),
                "median": found.median,
                "exponential_mean": fits["exponential"].parameters["mean"] if "exponential" in fits else None,
                "best_fit": distribution(best) if best else None,
                "fits": [distribution(fit) for fit in found.fits],
                "hazard": [asdict(each) for each in found.hazard],
            }
        )

    def to_frame(self) -> pl.DataFrame:
        """The curve: one row a wait at which a caller left, with the share still waiting and its 95% interval."""
        import polars as pl

        curve = self.measured.curve
        columns = (curve.at, curve.remaining, *curve.interval())
        return pl.DataFrame(dict(zip(CURVE, columns, strict=True)), schema=dict.fromkeys(CURVE, pl.Float64))

    def plot(self) -> Any:
        """The curve with its 95% band."""
        from kcas.reporting import waits
        from kcas.reporting.palettes import LIGHT

        curve = self.measured.curve
        longest = max(60.0, float(curve.at[int(LONGEST_DRAWN * (len(curve.at) - 1))]) if len(curve.at) else 0.0)
        return waits.survival_chart(
            waits.curve(curve, longest=longest), palette=LIGHT, title="Would still be waiting",
            marks=waits.readings(curve, longest=longest),
        ).to_altair()  # fmt: skip


def distribution(fit: Fit) -> dict[str, Any]:
    """A fitted distribution with its parameters in seconds, and as a scenario file writes it."""
    from kcas.distributions.law_table import in_toml, seconds_text

    return {
        "law": fit.law,
        "parameters": dict(fit.parameters),
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "scenario": in_toml(fit.distribution.table(time=seconds_text)),
    }


def definition_values(rate: Definition) -> dict[str, Any]:
    """The definition as every document has it."""
    return {"definition": {"key": rate.key, "words": rate.words, "short": rate.short}}


@dataclass(frozen=True)
class ControlChart(Result):
    """The control chart of the rate, with the verdict on its newest point and the days that the log lacks."""

    chart: RateChart
    definition: Definition
    verdict: Verdict
    coverage: Coverage
    ewma: bool = False
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """What the chart shows, in words."""
        from kcas.reporting.verdict_words import sentences

        return sentences(self.chart, self.verdict)

    def to_dict(self) -> dict[str, Any]:
        """What `kcas chart --json` prints."""
        from kcas.monitoring.suggested_breaks import suggestions
        from kcas.reporting.coverage import chart_coverage
        from kcas.reporting.verdict_words import sentence

        shown = self.chart.shown
        facts = ("start", "rule", "side", "value", "on_the_day")
        more: dict[str, Any] = {
            "points": [asdict(point) for point in shown],
            "limits": {name: [getattr(point, name) for point in shown] for name in ("lower", "upper")},
            "signals": [{name: getattr(point, name) for name in facts} for point in shown if point.rule],
            "sentences": self.sentences,
            "verdict": self.verdict.document | {"sentence": sentence(self.verdict)},
            "suggestions": [asdict(each) for each in suggestions(self.chart)],
            "notes": [*chart_coverage(self.chart, self.coverage), *self.chart.notes],
        }
        return plain_values(definition_values(self.definition) | asdict(self.chart) | more | self._drift())

    def _drift(self) -> dict[str, Any]:
        from kcas.monitoring.drift import LIMIT, WEIGHT, drift

        if not self.ewma:
            return {}
        starts = {point.start for point in self.chart.shown}
        points = [asdict(point) | {"side": point.side} for point in drift(self.chart) if point.start in starts]
        return {"ewma": {"weight": WEIGHT, "limit": LIMIT, "points": points}}

    def to_frame(self) -> pl.DataFrame:
        """One row a point shown: its two counts, rate, centre, limits, and the rule it breaks if any."""
        import polars as pl

        names = ("start", "numerator", "denominator", "value", "centre", "lower", "upper", "rule", "side")
        rows = [{name: getattr(point, name) for name in names} for point in self.chart.shown]
        kinds = {"start": pl.Date(), "rule": pl.String(), "side": pl.String()}
        return pl.DataFrame(rows, schema={name: kinds.get(name, pl.Float64()) for name in names})

    def plot(self) -> Any:
        """The points on their centre and limits; those outside expected variation have their own colour and shape."""
        from kcas.errors import SettingError
        from kcas.reporting import control, control_charts, verdict_words
        from kcas.reporting.palettes import LIGHT

        if not self.chart.shown:
            raise SettingError(" ".join(self.chart.notes) or "The chart has no point.")
        return control_charts.control_chart(
            control.with_limits(self.chart), by=self.chart.by, palette=LIGHT, edges=verdict_words.edges(self.chart)
        ).to_altair()


@dataclass(frozen=True)
class ChangeSince(Result):
    """Whether the rate changed at a date: the weeks before and after it, allowing for how days vary."""

    day: date
    found: Since
    definition: Definition
    weeks: tuple[Week, ...]
    whole_weeks: tuple[Week, ...]
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """`lower`, `no clear change`, `higher` or `not enough data`."""
        return self.found.verdict

    @property
    def sentence(self) -> str:
        """The verdict in a sentence, with its counts and interval."""
        return self.found.sentence

    def to_dict(self) -> dict[str, Any]:
        """What `kcas since --json` prints."""
        sides = {"before": self.found.before, "after": self.found.after}
        rates = {name: asdict(side) | {"rate": side.rate} for name, side in sides.items()}
        return plain_values(definition_values(self.definition) | asdict(self.found) | rates)

    def to_frame(self) -> pl.DataFrame:
        """Two rows, before and after: weeks, the rate's numerator and denominator, and the rate."""
        import polars as pl

        sides = {"before": self.found.before, "after": self.found.after}
        rows = [{"side": name} | asdict(side) | {"rate": side.rate} for name, side in sides.items()]
        return pl.DataFrame(rows, schema_overrides={"rate": pl.Float64})

    def plot(self) -> Any:
        """The rate of each week, and of all calls before and after the date."""
        from kcas.errors import SettingError
        from kcas.reporting import control_charts
        from kcas.reporting.palettes import LIGHT

        frame = control_charts.weekly(self.weeks, whole=self.whole_weeks, day=self.day, offered={}, agents={})
        if not frame.height:
            raise SettingError("There is no week with calls to show.")
        return control_charts.rate_and_sides(frame, found=self.found, day=self.day, palette=LIGHT).to_altair()


def target_of(rate: Definition, *, standard: Standard) -> float | None:
    """The highest share that the settings aim at by this definition; None where there is no such target."""
    for target in standard.targets:
        if target.measure == "rate" and (target.definition or standard.definition) == rate.key:
            return target.at_most
    return None


def baseline_of(edges: tuple[Day, Day], counted: Sequence[PeriodCount]) -> tuple[date, date] | None:
    """The days that limits rest on, where either end is named."""
    first, until = (optional_day(each, "baseline") for each in edges)
    if (first, until) == (None, None) or not counted:
        return None
    return first or counted[0].start, until or counted[-1].start + timedelta(days=1)
