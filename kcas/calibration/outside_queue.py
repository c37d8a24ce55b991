"""Before the queue and after abandoning: the menu's length and losses, and redials.

Redials by life tables (Cutler and Ederer 1958), less what callers would have done anyway (Abbott 1925), with a
jackknife over groups of callers (Kott 2001).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kcas.arrays import Floats, Whole
from kcas.calls.call import LOST, OFFERED
from kcas.calls.rates import Z95, wilson

WINDOW = 7200.0
"""Seconds within which a redial is looked for: at the bank nine tenths of what four hours show."""
STEP = 60.0
GROUPS = 40  # of callers, left out in turn for the interval, as one caller's calls go together
FEWEST = 100  # calls given up by known callers, before their calling again is put to use
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)  # of the delays that are told
NEARLY_ALL = 0.99
_LONGEST = 3600.0  # a longer call or menu is not believed
MOST_TIMES = 20


@dataclass(frozen=True)
class RedialsSeen:
    """Of calls given up and of calls answered by known callers, the shares followed by another within the window."""

    share: float  # who call again because they gave up, of those who would not have rung anyway
    low: float
    high: float
    gave_up: float  # share who called again, cut short as they were by the end of the day
    answered: float
    of_gave_up: int
    of_answered: int
    known: int  # calls offered whose caller has a token
    offered: int
    delays: tuple[tuple[float, float], ...]  # seconds, and the share of redials that take longer
    times: int  # how often at most all but a hundredth of them called again

    @property
    def in_use(self) -> bool:
        """Whether there is enough to say that callers call again because they gave up."""
        return self.low > 0 and self.of_gave_up >= FEWEST


def redials_seen(calls: pl.LazyFrame, *, zone: str) -> RedialsSeen | None:
    """From the calls of all outcomes; None where no call given up has a caller's token."""
    contacts = contacts_of(calls, zone=zone)
    known = calls_with_next(contacts.filter(pl.col("caller").is_not_null()))
    given_up = known.filter("lost")
    if not given_up.height:
        return None
    lost, answered = ended(given_up), ended(known.filter("answered"))
    curve = excess_redials(lost.sum(axis=0), answered.sum(axis=0))
    without = np.array([
        excess_redials(lost.sum(axis=0) - lost[group], answered.sum(axis=0) - answered[group])[-1]
        for group in range(GROUPS)
    ])  # fmt: skip
    # variance = (G − 1)/G Σ (θ₍g₎ − θ̄)²
    give = Z95 * float(np.sqrt((GROUPS - 1) / GROUPS * np.square(without - without.mean()).sum()))
    share = float(curve[-1])
    return RedialsSeen(
        share=share,
        low=max(share - give, 0.0),
        high=min(share + give, 1.0),
        gave_up=float(ringing(lost.sum(axis=0))[-1]),
        answered=float(ringing(answered.sum(axis=0))[-1]),
        of_gave_up=given_up.height,
        of_answered=known.height - given_up.height,
        known=known.height,
        offered=contacts.height,
        delays=tuple(delays_of(curve)),
        times=times_of(known),
    )


def contacts_of(calls: pl.LazyFrame, *, zone: str) -> pl.DataFrame:
    """Each call that came to a queue and has ended: a contact's legs are one, lost where none of them was answered."""
    answered = pl.col("outcome") == "answered"
    spent = pl.sum_horizontal(
        pl.col(name).fill_null(0.0).clip(0, _LONGEST) for name in ("wait", "talk", "hold", "wrap")
    )
    menu = pl.col("menu").fill_null(0.0).clip(0, _LONGEST)
    local = pl.col("entered").dt.convert_time_zone(zone)
    second = pl.col("entered").dt.epoch("ms") / 1000
    return (
        calls.filter(pl.col("outcome").is_in(OFFERED) & (pl.col("outcome") != "open"))
        .group_by(pl.coalesce("contact", "leg").alias("contact"), local.dt.date().alias("day"))
        .agg(
            pl.col("caller").drop_nulls().first(),
            rang=(second - menu).min(),
            end=(second + spent).max(),
            answered=answered.any(),
            lost=pl.col("outcome").is_in(LOST).any() & ~answered.any(),
        )
        .with_columns(closing=pl.col("rang").max().over("day"))
        .collect(engine="streaming")
    )


def calls_with_next(known: pl.DataFrame) -> pl.DataFrame:
    """Lost and answered calls with the time until the caller's next that day (null where none came) and until closing.

    `before` counts the caller's calls in a row that were given up just before, each within the window.
    """
    after = (pl.col("rang").shift(-1).over("caller", "day") - pl.col("end")).clip(0)
    ordered = known.sort("caller", "rang").with_columns(after=after, left=(pl.col("closing") - pl.col("end")).clip(0))
    redial = (pl.col("lost") & (pl.col("after") < WINDOW)).shift(1).over("caller", "day").fill_null(value=False)
    chain = ordered.with_columns(redial=redial).with_columns(start=(~pl.col("redial")).cum_sum())
    counted = chain.with_columns(before=pl.col("redial").cast(pl.Int64).cum_sum().over("start"))
    return counted.filter(pl.col("lost") | pl.col("answered"))


def ended(calls: pl.DataFrame) -> Whole:
    """[group of callers, minute, 0 called again or 1 cut short] how many; the last minute is of who outlast it."""
    group = (calls["caller"].rank("dense").to_numpy() - 1).astype(np.int64) % GROUPS
    after, left = calls["after"].to_numpy(), calls["left"].to_numpy()
    again = np.isfinite(after)
    minutes = round(WINDOW / STEP)
    minute = np.minimum(np.where(again, after, left) // STEP, minutes).astype(np.int64)
    result = np.zeros((GROUPS, minutes + 1, 2), np.int64)
    np.add.at(result, (group, minute, (~again).astype(np.int64)), 1)
    return result


def ringing(counts: Whole) -> Floats:
    """The share who would have called again by the end of each minute, had none been cut short (a life table)."""
    every = counts.sum(axis=1)
    # 1 − Π (1 − d/(n − c/2)): of those censored in a minute half were at risk
    at_risk = every.sum() - np.concatenate([[0], np.cumsum(every)[:-1]]) - counts[:, 1] / 2
    still = np.cumprod(1 - counts[:-1, 0] / np.maximum(at_risk[:-1], 1))
    return np.asarray(1 - still)


def excess_redials(lost: Whole, answered: Whole) -> Floats:
    """By the end of each minute, who rang because they gave up, of those who would not yet have rung anyway.

    With redials and other reasons at work side by side, who rings for neither is the product of the two (Abbott 1925).

        share = 1 − (1 − after abandoning)/(1 − after an answer)
    """
    return np.asarray(1 - (1 - ringing(lost)) / np.maximum(1 - ringing(answered), 1e-9))


def delays_of(curve: Floats) -> list[tuple[float, float]]:
    """Delays and the share of redials that take longer."""
    rising = np.maximum.accumulate(np.maximum(np.concatenate([[0.0], curve]), 0.0))
    if rising[-1] <= 0:
        return []
    minutes = STEP * np.arange(len(rising))
    first = np.concatenate([[True], np.diff(rising) > 0])  # where it stands still, the moment it got there
    at = np.interp([level * rising[-1] for level in LEVELS], rising[first], minutes[first])
    return [(float(moment), 1 - level) for moment, level in zip(at, LEVELS, strict=True)]


def times_of(known: pl.DataFrame) -> int:
    """The least number of redials of one caller in a row that all but a hundredth of redials keep to."""
    before = known.filter(pl.col("lost") & (pl.col("after") < WINDOW))["before"]
    if not before.len():
        return 1
    return min(int(before.quantile(NEARLY_ALL, interpolation="higher") or 0) + 1, MOST_TIMES)


LONGEST_MENU = 600.0
WIDTH = 116


@dataclass(frozen=True)
class Counted:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """The share; zero of none."""
        return self.count / self.of if self.of else 0.0

    @property
    def words(self) -> str:
        """The share with its interval and its halves."""
        low, high = wilson(self.count, self.of) if self.of else (0.0, 1.0)
        return f"{self.share:.1%} ({low:.1%} to {high:.1%}): {self.count:,} of {self.of:,}"


@dataclass(frozen=True)
class BeforeTheQueue:
    """The menu, where the log has one; and redials, where it keeps tokens of callers."""

    left: Counted  # hung up in the menu, of all who reached it
    blocked: int
    menu_mean: float | None
    menu_cv: float
    menu_calls: int
    again: RedialsSeen | None


def before_the_queue(calls: pl.LazyFrame, *, zone: str) -> BeforeTheQueue:
    """From the calls of all outcomes."""
    ended_calls = calls.select("outcome", "menu").collect(engine="streaming")
    offered = ended_calls.filter(pl.col("outcome").is_in(OFFERED)).height
    left = ended_calls.filter(pl.col("outcome") == "left_ivr").height
    menu = ended_calls.filter(pl.col("menu").is_between(0, LONGEST_MENU, closed="right"))["menu"].to_numpy()
    return BeforeTheQueue(
        left=Counted(left, left + offered),
        blocked=ended_calls.filter(pl.col("outcome") == "blocked").height,
        menu_mean=float(menu.mean()) if menu.size else None,
        menu_cv=float(max(menu.std() / menu.mean(), 0.05)) if menu.size else 1.0,
        menu_calls=int(menu.size),
        again=redials_seen(calls, zone=zone),
    )


def comment(words: str) -> list[str]:
    """A sentence as comment lines of a scenario file."""
    import textwrap

    return [f"# {line}" for line in textwrap.wrap(words, WIDTH)]
