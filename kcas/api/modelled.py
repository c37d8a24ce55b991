"""Results that rest on the model fitted to a store's calls: calibration, back-tests, nowcast, explanation."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result, plain_values
from kcas.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.scenario import Scenario
    from kcas.arrays import Floats
    from kcas.attribution.attribute import Why
    from kcas.attribution.observed_days import Observed
    from kcas.calibration.backtest.run import Backtest, DayForetold
    from kcas.calibration.backtest.scores import Score as DayScore
    from kcas.calibration.day_records import DayLog
    from kcas.calibration.fitted import Fitted
    from kcas.calibration.outside_queue import BeforeTheQueue
    from kcas.calls.definitions import Definition
    from kcas.forecasting.nowcast import NowcastResult
    from kcas.forecasting.nowcast_backtest import LeftOut, NowcastTrial, Score

_Period = tuple[date, date]


@dataclass(frozen=True)
class Calibration(Result):
    """A model of the contact centre fitted to its calls. Modelled, not observed."""

    fitted: Fitted
    outside: BeforeTheQueue
    invented: bool
    notes: tuple[str, ...] = ()
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The scenario files saved, each with its weekdays."""

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario of the weekdays with the usual hours; `save` writes those with other hours too."""
        from kcas.api.scenario import Scenario
        from kcas.calibration.scenario_file import groups

        text = self._text(groups(self.fitted)[0], others=())
        return Scenario(tomllib.loads(text), name="calibrated")

    def _text(self, weekdays: Sequence[int], *, others: Sequence[str]) -> str:
        from kcas.calibration.scenario_file import text

        return text(self.fitted, self.outside, weekdays, others=others, invented=self.invented)

    def save(self, path: str | Path) -> Calibration:
        """Write the scenario, and one next to it for each group of weekdays with other hours; a copy that names them.

        Raises SettingError where a file cannot be written.
        """
        from kcas.calibration.scenario_file import groups
        from kcas.simulation.scenario.schema import WEEKDAYS

        out, together = Path(path), groups(self.fitted)
        paths = [out, *(out.with_name(f"{out.stem}-{WEEKDAYS[group[0]]}{out.suffix}") for group in together[1:])]
        for each, group in zip(paths, together, strict=True):
            others = [other.name for other in paths if other != each]
            try:
                each.write_text(self._text(group, others=others), encoding="utf-8")
            except OSError as error:
                raise SettingError(f"{each}: cannot be written ({error.strerror}).") from None
        files = {str(each): [WEEKDAYS[day] for day in group] for each, group in zip(paths, together, strict=True)}
        return Calibration(self.fitted, self.outside, self.invented, self.notes, files)

    @cached_property
    def report(self) -> dict[str, Any]:
        """Every estimate with its interval and what it rests on."""
        from kcas.reporting.calibration_tables import calibration_values

        return calibration_values(self.fitted, self.outside, self.files)

    def to_dict(self) -> dict[str, Any]:
        """What `kcas calibrate --json` prints."""
        return plain_values(self.report)

    def to_frame(self) -> pl.DataFrame:
        """One row an estimate, in words: what, value, 95% interval, and what it rests on."""
        import polars as pl

        return pl.DataFrame(self.report["estimates"])

    def plot(self) -> Any:
        """Mean calls and agents on duty by half-hour, by kind of day."""
        from kcas.calibration.scenario_file import groups
        from kcas.reporting import calibration_charts
        from kcas.reporting.palettes import LIGHT
        from kcas.simulation.scenario.schema import WEEKDAYS

        kinds = [{"weekdays": [WEEKDAYS[day] for day in group]} for group in groups(self.fitted)]
        points = calibration_charts.kinds_of_day({**self.report, "files": kinds})
        return calibration_charts.arrivals(points, palette=LIGHT).to_altair()


@dataclass(frozen=True)
class ModelBacktest(Result):
    """Forecasts of days the model was not fitted to, scored against what was observed and baseline forecasts."""

    found: Backtest
    notes: tuple[str, ...] = ()

    @cached_property
    def report(self) -> dict[str, Any]:
        """Every day with its prediction intervals, the scores, and the verdict on each assumption."""
        from kcas.calibration.backtest.assumptions import verdicts

        found = self.found
        ordinary = found.table(ordinary=True) if not all(each.odd for each in found.days) else {}
        return {
            "model": True,
            "fitted_until": found.days[0].fitted_until,
            "rolling": "week" if found.rolling else None,
            "given": sorted(found.given),
            "days": [_day_values(each) for each in found.days],
            "left_out": list(found.left_out),
            "scores": {name: _score_values(each) for name, each in found.table().items()},
            "scores_ordinary_days": {name: _score_values(each) for name, each in ordinary.items()},
            "volume": _score_values(found.score("volume")),
            "wait": _score_values(found.score("wait")),
            "assumptions": {
                each.name: asdict(each) | {"fails": each.fails, "words": each.words}
                for each in verdicts([day.misses for day in found.days])
            },
        }

    def to_dict(self) -> dict[str, Any]:
        """What `kcas backtest --json` prints."""
        return plain_values(self.report)

    def to_frame(self) -> pl.DataFrame:
        """One row a day: calls, the rate observed, and its forecast with 80% and 95% prediction interval."""
        import polars as pl

        rows = [
            {"day": each.day, "offered": int(each.offered), "abandoned": int(each.lost), "rate": each.actual}
            | {f"forecast_{name}": value for name, value in asdict(each.rate).items()}
            for each in self.found.days
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def plot(self) -> Any:
        """The rate of each day, observed and forecast, with 80% and 95% prediction intervals."""
        from kcas.reporting import backtest
        from kcas.reporting.palettes import LIGHT

        return backtest.daily(backtest.frame(self.report), palette=LIGHT).to_altair()


def _day_values(each: DayForetold) -> dict[str, Any]:
    return {
        "day": each.day, "fitted_until": each.fitted_until, "odd": each.odd, "holiday": each.holiday,
        "offered": int(each.offered), "abandoned": int(each.lost), "rate": each.actual, "mean_wait": each.mean_wait,
        "foretold": {"rate": asdict(each.rate), "volume": asdict(each.volume), "mean_wait": asdict(each.wait)},
        "rivals": {name: said.rate for name, said in each.rivals.items()},
        "misses": {name: asdict(miss) for name, miss in each.misses.items()},
    }  # fmt: skip


def _score_values(score: DayScore) -> dict[str, Any]:
    return {
        "days": score.days, "mean_absolute_error": score.error, "bias": score.bias, "pinball_loss": score.pinball,
        "coverage_80": score.coverage80, "coverage_95": score.coverage95,
        "inside_80": score.inside80, "inside_95": score.inside95,
    }  # fmt: skip


@dataclass(frozen=True)
class Nowcast(Result):
    """A forecast of the rest of a day, from its queue, agents and calls so far. Modelled, not observed."""

    found: NowcastResult
    definition: Definition
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """The forecast in words."""
        from kcas.reporting.nowcast import nowcast_sentences

        return nowcast_sentences(self.found)

    @cached_property
    def report(self) -> dict[str, Any]:
        """The day so far, its final rate with 80% and 95% prediction interval, and the effect of one more agent."""
        from kcas.api.observed import definition_values
        from kcas.desk.units import clock
        from kcas.reporting.nowcast import MODEL

        seen = self.found
        today, end, more = seen.today, seen.ending, seen.ending.one_more
        return definition_values(self.definition) | {
            "model": True,
            "day": today.day,
            "now": clock(today.now),
            "so_far": {"numerator": end.numerator_so_far, "denominator": end.denominator_so_far,
                       "offered": today.offered, "waiting": len(today.waited),
                       "longest_waiting": float(today.waited[0]) if len(today.waited) else None,
                       "agents_on_a_call": len(today.talking), "agents_lately_on_a_call": len(today.done)},
            "final": {"likely": end.likely, "within_80": end.within(0.8), "within_95": end.within(0.95),
                      "replications": len(end.numerators)},
            "one_more_agent": {"change": more.mean, "low": more.low, "high": more.high},
            "busyness": seen.expected.factor,
            "fitted": {"patience": seen.fitted.patience, "availability": seen.fitted.availability,
                       "days": seen.fitted.days},
            "sentences": self.sentences,
            "notes": [MODEL],
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """What `kcas today --json` prints."""
        return plain_values(self.report)

    def to_frame(self) -> pl.DataFrame:
        """One row: the day, its rate so far, and its final rate with 80% and 95% prediction interval."""
        import polars as pl

        end, today = self.found.ending, self.found.today
        (low80, high80), (low95, high95) = end.within(0.8), end.within(0.95)
        row = {
            "day": today.day, "now": today.now, "numerator_so_far": end.numerator_so_far,
            "denominator_so_far": end.denominator_so_far, "likely": end.likely, "low80": low80, "high80": high80,
            "low95": low95, "high95": high95,
        }  # fmt: skip
        return pl.DataFrame([row])

    def plot(self) -> Any:
        """The rate so far and the final rate with its prediction intervals."""
        from kcas.reporting.nowcast import nowcast_chart
        from kcas.reporting.palettes import LIGHT

        return nowcast_chart(self.report, palette=LIGHT).to_altair()


@dataclass(frozen=True)
class NowcastBacktest(Result):
    """Nowcasts of past days at times of day, each scored against how the day ended."""

    trials: tuple[NowcastTrial, ...]
    left_out: tuple[LeftOut, ...]
    definition: Definition
    first: date
    until: date
    asked: int
    """Days with calls in the period."""
    warnings: tuple[str, ...] = ()
    """Sentences on the choice of calls."""

    @cached_property
    def scores(self) -> list[Score]:
        """The scores of each time of day."""
        from kcas.forecasting.nowcast_backtest import scores

        return scores(list(self.trials))

    @property
    def notes(self) -> list[str]:
        """The days that could not be forecast, and why."""
        from kcas.reporting.nowcast import left_out

        return left_out(self.left_out, of=self.asked)

    def to_dict(self) -> dict[str, Any]:
        """What `kcas today --backtest --json` prints."""
        return plain_values({
            "definition": {"key": self.definition.key}, "scores": [asdict(each) for each in self.scores],
            "days": [asdict(each) for each in self.trials], "left_out": [asdict(each) for each in self.left_out],
            "notes": self.notes,
        })  # fmt: skip

    def to_frame(self) -> pl.DataFrame:
        """One row a time of day: days, mean absolute errors and coverage of the prediction intervals."""
        import polars as pl

        return pl.DataFrame([asdict(each) for each in self.scores])

    def plot(self) -> Any:
        """The mean absolute error by the time at which it was forecast, with the two simple rules."""
        import altair as alt

        from kcas.desk.units import clock

        names = {"error": "model", "error_so_far": "rate so far continues", "error_usual": "rest is usual"}
        rows = [
            {"at": clock(each.now), "forecast": words, "error": getattr(each, name)}
            for each in self.scores
            for name, words in names.items()
        ]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_line(point=True)
            .encode(
                x=alt.X("at:O", title="Forecast at"),
                y=alt.Y("error:Q", title="Mean absolute error", axis=alt.Axis(format=".1%")),
                color=alt.Color("forecast:N", title=None),
            )
        )


@dataclass(frozen=True)
class Explanation(Result):
    """A difference in the rate shared out by cause (Shapley attribution). The shares are a model's, not proof."""

    why: Why
    name: str
    against: str
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The difference and its causes in a sentence."""
        from kcas.reporting.attribution import attribution_sentence

        return attribution_sentence(self.why, name=self.name, against=self.against)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each cause with its share, 95% interval and what moved."""
        from kcas.reporting.attribution import attribution_rows

        return attribution_rows(self.why)

    def to_dict(self) -> dict[str, Any]:
        """What `kcas explain --json` prints."""
        from kcas.reporting import attribution

        why = self.why
        return plain_values({
            "sentence": self.sentence,
            "definition": {"key": why.definition.key, "words": attribution.definition_words(why),
                           "short": why.definition.short},
            "model": True,
            "difference": why.difference,
            **attribution.sides(why.now, why.against),
            "shares": self.rows,
            "expected": why.expected,
            "chance": {"share": why.chance.share, "usual_low": why.chance.low, "usual_high": why.chance.high,
                       "within": why.within},
            "fitted": asdict(why.fitted),
            "dates": list(why.dates),
            "dates_against": list(why.dates_against),
            "holidays": attribution.holidays(why),
            "notes": [*attribution.of_holidays(why), attribution.whether_chance(why), *attribution.method(why)],
        })  # fmt: skip

    def to_frame(self) -> pl.DataFrame:
        """One row a cause: its share of the difference with 95% interval, as fractions of one, and what moved."""
        import polars as pl

        return pl.DataFrame(self.rows, infer_schema_length=None)

    def plot(self) -> Any:
        """The share of each cause as bars."""
        from kcas.reporting.attribution import attribution_chart
        from kcas.reporting.palettes import LIGHT

        return attribution_chart(self.rows, palette=LIGHT).to_altair()


def explanation(
    days: Observed,
    *,
    day: date | None,
    period: _Period | None,
    since: date | None,
    against: _Period | None,
    notes: tuple[str, ...] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """The explanation of a day, of a period, or of all days since one. Raises SettingError for days without calls."""
    from kcas.attribution.attribute import why_day, why_period
    from kcas.reporting import attribution, words

    if day is not None:
        why = why_day(days, day, against=days_within(days, against) if against else None, progress=progress)
        return Explanation(why, words.day(day), words.days(*against) if against else attribution.normal(why), notes)
    mine, theirs = _periods(days, period=period, since=since, against=against)
    why = why_period(days_within(days, mine), days_within(days, theirs), progress=progress)
    return Explanation(why, words.days(*mine), words.days(*theirs), notes)


def _periods(
    days: Observed, *, period: _Period | None, since: date | None, against: _Period | None
) -> tuple[_Period, _Period]:
    """The period asked about, and the one it is compared with."""
    if period is not None:
        if against is None:
            raise SettingError("period: what is it compared with? Expected against=(first day, last day).")
        return period, against
    if since is None:
        raise SettingError("since: expected a day, like 2010-04-01.")
    return (since, days.dates[-1]), against or (days.dates[0], since - timedelta(days=1))


def days_within(days: Observed, period: _Period) -> Observed:
    """The days of a period. Raises SettingError where none has calls."""
    chosen = [number for number, each in enumerate(days.dates) if period[0] <= each <= period[1]]
    if not chosen:
        raise SettingError(f"{period[0]}..{period[1]}: no call was offered on any of these days.")
    return days.of(chosen)


def on_duty(log: DayLog, roster: str | Path | None) -> Floats:
    """The agents on duty by day and half-hour: as a roster file says, or inferred from the calls."""
    from kcas.calibration.staff_on_duty import inferred, rostered

    return inferred(log) if roster is None else rostered(Path(roster), log)
