"""Nowcast of a day's rate, with prediction interval and the effect of one more agent.

Many replications of the rest of the day, from how the desk stands, on the compiled engine; with one more agent the same
callers come again. The final rate has in it what has been counted so far.

Nowcast from the calls of the store: how a day will end, as it could be forecast at a given time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.random import PCG64, Generator, SeedSequence

from kcas.arrays import Floats, Whole
from kcas.attribution.fitted import Fitted, fit
from kcas.attribution.observed_days import A_DAY, EPOCH, NEEDED, Observed, observed
from kcas.calls.call import Outcome
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.grouping import select
from kcas.calls.histogram import histogram, tally
from kcas.calls.rates import with_rates
from kcas.desk.opening_hours import A_DAY as MINUTES
from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.forecasting.current_state import Present, SoFar, hand_over, residual, so_far, timed
from kcas.forecasting.past_days import Past, past_of
from kcas.forecasting.rest_of_day import RestOfDay, RestOfToday, rest_of_today
from kcas.simulation.engines.tables import NOT_USED, OUTCOME_NAMES, Desk, Rows, Workload, plain_desk
from kcas.simulation.estimate import Estimate, residuals
from kcas.simulation.estimate import around as t_interval

REPLICATIONS = 400
_SEED = 1
NOT_FROM_A_MODEL = ("lost_callers", "with_ivr", "with_blocked")


@dataclass(frozen=True)
class Desks:
    """What the desk is taken to be: how patient callers are, and how much of agents' time there is for calls."""

    patience: float
    availability: float


@dataclass(frozen=True)
class Ending:
    """The day's final rate: replications of both its halves, without and with one more agent."""

    numerator_so_far: int
    denominator_so_far: int
    numerators: Floats
    denominators: Floats
    numerators_with_one_more: Floats
    denominators_with_one_more: Floats

    @property
    def rates(self) -> Floats:
        """The final rate of each replication."""
        return self.numerators / np.maximum(self.denominators, 1)

    def within(self, share: float) -> tuple[float, float]:
        """The middle of the replications that holds such a share of them."""
        low, high = np.quantile(self.rates, [(1 - share) / 2, (1 + share) / 2])
        return float(low), float(high)

    @property
    def likely(self) -> float:
        """The median."""
        return float(np.median(self.rates))

    @property
    def one_more(self) -> Estimate:
        """Effect of one more agent on the rate with the same simulated callers, and its interval over replications."""
        now, other = (self.numerators, self.denominators), (
            self.numerators_with_one_more, self.denominators_with_one_more,
        )  # fmt: skip
        if min(now[1].sum(), other[1].sum()) <= 0:
            return Estimate(None, None, None, None)
        change = other[0].sum() / other[1].sum() - now[0].sum() / now[1].sum()
        deviations = residuals(*other) - residuals(*now)
        return t_interval(float(change), deviations=deviations, days=deviations)


def ending(
    today: SoFar,
    past: Past,
    expected: RestOfToday,
    desk: Desks,
    *,
    definition: Definition,
    service_level: ServiceLevel,
    replications: int = REPLICATIONS,
    seed: int = _SEED,
) -> Ending:
    """The day's ending by a definition. Raises ScenarioError for one that asks what the model does not tell."""
    if definition.key in NOT_FROM_A_MODEL:
        raise ScenarioError(
            f"{definition.key}: the rest of the day is simulated from the queue on, so this rate cannot be told "
            "beforehand. Choose another definition, such as all_offered."
        )
    counts = [
        replicated(today, past, expected, desk, definition=definition, service_level=service_level, more=more,
                   replications=replications, seed=seed)
        for more in (0, 1)
    ]  # fmt: skip
    above, below = replication_counts(
        today.decided.with_columns(replication=pl.lit(0)), replications=1, definition=definition,
        service_level=service_level,
    )  # fmt: skip
    return Ending(
        int(above[0]), int(below[0]),
        counts[0][0] + above, counts[0][1] + below, counts[1][0] + above, counts[1][1] + below,
    )  # fmt: skip


def replicated(
    today: SoFar, past: Past, expected: RestOfToday, desk: Desks, *, more: int, replications: int, seed: int, **by: Any
) -> tuple[Floats, Floats]:
    """Numerator and denominator of the rest of each replication, with so many more agents from now on."""
    rng = Generator(PCG64(SeedSequence(seed)))  # the same random numbers, however many agents
    rest = [expected.draw(rng) for _ in range(replications)]
    table = plain_desk(types=1, teams=1)
    load = workload_of(rest, past, desk, rng=rng, more=more)
    present, callers, work_left = present_of_log(today, past, expected, desk, rng=rng, days=replications, more=more)
    load = hand_over(load, present, callers=callers, work_left=work_left, desk=table)
    rows = _run(table, load)
    return replication_counts(frame_of(load, rows, today), replications=replications, **by)


def _run(desk: Desk, load: Workload) -> Rows:
    """On the compiled engine where it is there, else on SimPy: the rows are the same."""
    try:
        from kcas.simulation.engines import compiled_engine
    except ImportError:
        from kcas.simulation.engines import simpy_engine

        return simpy_engine.run(desk, load)
    return compiled_engine.run(desk, load)


def workload_of(rest: list[RestOfDay], past: Past, desk: Desks, *, rng: Generator, more: int) -> Workload:
    """The calls to come and the agents of each replication; work after a call that the log hides is wrap-up."""
    lengths, starts = np.diff(past.edges), past.edges[:-1]
    scale = past.talks.mean()
    counts, arrivals, talks, patiences, staff = [], [], [], [], []
    for each in rest:
        many = rng.poisson(each.calls)
        at = np.repeat(starts, many) + rng.random(many.sum()) * np.repeat(lengths, many)
        counts.append(int(many.sum()))
        arrivals.append(np.sort(at))
        talks.append(past.talks[rng.integers(len(past.talks), size=counts[-1])] * each.handle / scale)
        patiences.append(rng.exponential(desk.patience, counts[-1]))
        agents = np.floor(
            each.agents + rng.random()
        )  # one random number a day: 4.3 is four all through on seven days of ten
        staff.append(np.where(agents > 0, agents + more, agents))
    talk = np.concatenate(talks)
    return Workload(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        arrival=ms(np.concatenate(arrivals)),
        call_type=np.zeros(len(talk), np.int64),
        talk=ms(talk),
        wrap=ms(talk * (1 / desk.availability - 1)),
        menu=np.empty(0, np.int64),
        attempts=1,
        patience=ms(np.concatenate(patiences)),
        choices=np.empty(0, np.int16),
        redial_delay=np.empty(0, np.int64),
        team_die=np.empty(0, np.int64),
        reached_on=np.empty(0, np.int64),
        staff_first=np.arange(len(rest) + 1, dtype=np.int64) * len(starts),
        staff_at=np.tile(ms(starts), len(rest)),
        staff_team=np.zeros(len(rest) * len(starts), np.int64),
        staff_agents=np.concatenate(staff).astype(np.int64),
    )


def present_of_log(
    today: SoFar, past: Past, expected: RestOfToday, desk: Desks, *, rng: Generator, days: int, more: int
) -> tuple[Present, dict[str, Whole], Whole]:
    """How the desk stands, and what is left of what is under way, for each replication.

    An agent whose call ended a moment ago may still be at work that the log does not show: as long as by availability.
    """
    hidden = 1 / desk.availability - 1
    at_work = today.last_talk * hidden - today.done
    wrapping = at_work[at_work > 0]
    free = 0 if len(today.waited) else int((at_work <= 0).sum())
    calls = past.talks * expected.handle / past.talks.mean()
    in_hand = residual(calls / desk.availability, today.talking, draws=days, rng=rng)
    left = np.concatenate([in_hand, np.tile(wrapping, (days, 1))], axis=1)
    busy, waits = left.shape[1], len(today.waited)
    zeros = np.zeros(busy, np.int64)
    talk = calls[rng.integers(len(calls), size=(days, waits))]
    callers = {
        "talk": ms(talk),
        "wrap": ms(talk * hidden),
        "patience": ms(rng.exponential(desk.patience, (days, waits))),  # exponential: what has passed changes nothing
    }
    present = Present(
        at=int(ms(np.array([today.now]))[0]),
        waiting_type=np.zeros(waits, np.int64),
        waited=ms(today.waited),
        busy_type=zeros,
        busy_team=zeros,
        busy_for=zeros,
        rostered=np.array([busy + free + more]),
    )
    return present, callers, np.maximum(ms(left), 1)


def frame_of(load: Workload, rows: Rows, today: SoFar) -> pl.DataFrame:
    """Each call's replication, outcome and wait, the time that it had waited already added."""
    counts, waits = np.diff(load.first), len(today.waited)
    day = np.repeat(np.arange(len(counts)), counts)
    already = np.zeros(len(load.arrival))
    for place, waited in enumerate(today.waited):
        already[load.first[:-1] + place] = waited
    used = rows.outcome != NOT_USED
    names = np.array(["open" if name is None else name for name in OUTCOME_NAMES])
    wait = np.where(rows.left >= 0, (rows.left - load.arrival) / 1000, 0.0) + already
    assert waits == 0 or len(counts) == 0 or counts.min() >= waits  # noqa: S101 (each replication begins with them)
    return pl.DataFrame({"replication": day[used], "outcome": names[rows.outcome[used]], "wait": wait[used]})


def replication_counts(
    calls: pl.DataFrame, *, replications: int, definition: Definition, service_level: ServiceLevel
) -> tuple[Floats, Floats]:
    """The definition's numerator and denominator of each replication, by the tally that counts a log."""
    nothing = [pl.lit(None, pl.Float64).alias(name) for name in ("talk", "hold", "wrap")]
    whole = calls.with_columns(*nothing, outcome=pl.col("outcome").cast(Outcome))
    tallied = tally(
        histogram(whole.lazy(), keys=[pl.col("replication")]), keys=["replication"], definition=definition,
        service_level=service_level,
    )  # fmt: skip
    rates = with_rates(tallied, definition=definition, service_level=service_level)
    counts = np.zeros((2, replications))
    place = rates["replication"].to_numpy().astype(int)
    for row, name in enumerate(("numerator", "denominator")):
        counts[row, place] = rates[name].fill_null(0).to_numpy()
    return counts[0], counts[1]


def ms(seconds: Floats) -> Whole:
    """Whole milliseconds."""
    return np.rint(np.asarray(seconds) * 1000).astype(np.int64)


FITTED_TO = 42  # days before: what the log hides of agents' time drifts


@dataclass(frozen=True)
class Log:
    """Calls ready to be asked about any day and moment."""

    calls: pl.DataFrame  # as `timed` gives them
    days: Observed
    standard: Standard


@dataclass(frozen=True)
class NowcastResult:
    """The day so far, what is expected of the rest, and how it will end."""

    today: SoFar
    expected: RestOfToday
    ending: Ending
    fitted: Fitted


def log_of(
    calls: pl.LazyFrame, *, standard: Standard, queues: Sequence[str] = (), until: date | None = None,
    since: date | None = None,
) -> Log:  # fmt: skip
    """The calls of these queues, by day and call by call."""
    chosen = select(calls, standard=standard, queues=queues, since=since, until=until).select(*NEEDED).collect()
    if not chosen.height:
        raise ScenarioError("no calls are kept, so there is no day to forecast. Import a log first.")
    zone = standard.time_zone
    return Log(timed(chosen, zone=zone), observed(chosen, zone=zone), standard)


def nowcast(
    log: Log,
    *,
    day: date,
    now: float,
    definition: Definition,
    service_level: ServiceLevel,
    replications: int = REPLICATIONS,
    seed: int = _SEED,
    fitted: Fitted | None = None,
) -> NowcastResult:
    """The day as it could be forecast at that time of day; calls that came later are not looked at.

    Raises ScenarioError where the log tells of too few days before it.
    """
    today, past = so_far(log.calls, day=day, now=now), past_of(log.calls, day=day, now=now)
    fitted = fitted or fitted_before(log, day)
    expected = rest_of_today(past, today)
    end = ending(
        today, past, expected, Desks(fitted.patience, fitted.availability),
        definition=definition, service_level=service_level, replications=replications, seed=seed,
    )  # fmt: skip
    return NowcastResult(today, expected, end, fitted)


def fitted_before(log: Log, day: date) -> Fitted:
    """What the six weeks before the day show of patience and availability."""
    before = [number for number, each in enumerate(log.days.dates) if 0 < (day - each).days <= FITTED_TO]
    if not before:
        raise ScenarioError(f"{day}: the log tells of no day before it. Expected six weeks, to fit the model to.")
    return fit(log.days.of(before))


def last_moment(log: Log) -> tuple[date, float]:
    """The day and time of day at which the log ends: its last caller's arrival."""
    last = float(log.calls["at"].max())  # type: ignore[arg-type]
    return EPOCH + timedelta(days=int(last // A_DAY)), last % A_DAY


def closes(log: Log, day: date) -> float:
    """When the day ends, in seconds after midnight: by the standard's hours, else by its weekday's last calls."""
    span = log.standard.opening.span(day, holidays=log.standard.holidays)
    if log.standard.opening.stated:
        return 60.0 * min(span[1], MINUTES) if span else 0.0
    number = (day - EPOCH).days
    same = (pl.col("at") // A_DAY).cast(pl.Int64) % 7 == number % 7
    earlier = log.calls.filter(same, pl.col("at") < number * A_DAY)
    last = earlier.group_by(day=pl.col("at") // A_DAY).agg((pl.col("at") % A_DAY).quantile(0.99))["at"].median()
    return float(last) if isinstance(last, float) else A_DAY


def moment_of(now: datetime, *, standard: Standard) -> tuple[date, float]:
    """The day and time of day of a moment on the desk's clock."""
    from zoneinfo import ZoneInfo

    local = now.astimezone(ZoneInfo(standard.time_zone))
    return local.date(), local.hour * 3600.0 + local.minute * 60.0 + local.second
