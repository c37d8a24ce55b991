"""Errors of days or weeks that resemble their neighbours, and a step judged with every degree of likeness allowed for.

The errors are the sum of a slow part, whose likeness falls off as exp(-days apart / tau), and an independent part:
a first-order autoregression with noise, observed at uneven times. How long the slow part lasts and what share of the
variance it has are not known, so nothing is estimated and then taken for certain: on a grid of both, the restricted
likelihood (Patterson and Thompson 1971; Harville 1974) weighs each pair, each pair gives a Student's t for the step,
and the verdict is read from the mixture of those. The likelihoods come from a Kalman filter run on every pair at once
(Harvey 1989, chapter 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kcas.arrays import Floats
from kcas.errors import SettingError

LASTING = np.geomspace(1.0, 450.0, 12)  # tau, in days: from a day to longer than a year
_SHARES = np.array([0.02, 0.06, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97])  # of the variance that is slow
INDEPENDENT = 0.6  # prior weight of no slow part at all, where there is a year to tell it from
A_YEAR = 52  # weeks; a shorter series shows less of what is slow, so less is granted beforehand
LONG = 1 / 3  # a slow part of lasting tau has prior weight tau to this power: long ones are the hardest to see
WANDERING = 7.0  # days: a slow part that lasts longer moves whole weeks
STILL = 0.25  # variance in standard errors of the counts: values that hardly vary at all tell nothing of likeness
MOST_HALVINGS = 200
SMALLEST = 1e-300  # a line through every point leaves nothing, of which there is no logarithm


@dataclass(frozen=True)
class Grid:
    """Pairs of lasting (days) and slow share, with the logarithm of their prior weight."""

    lasting: Floats
    share: Floats
    log_prior: Floats


def grid(weeks: int, *, every: int = 1) -> Grid:
    """The pairs to average over, for a series of so many weeks; a coarser grid of every so many of each."""
    return pairs(INDEPENDENT * min(weeks / A_YEAR, 1.0), every=every)


def pairs(independent: float, *, every: int = 1) -> Grid:
    """The pairs of the grid, of which the first has no slow part and so much of the prior weight."""
    lasting, share = (each.ravel() for each in np.meshgrid(LASTING[::every], _SHARES[::every], indexing="ij"))
    slow = lasting**LONG
    slow = (1 - independent) * slow / slow.sum()
    return Grid(
        np.concatenate([[1.0], lasting]), np.concatenate([[0.0], share]), np.log(np.concatenate([[independent], slow]))
    )


@dataclass(frozen=True)
class Steps:
    """For each step (rows) and each pair of the grid (columns): estimate, standard error and posterior weight."""

    estimate: Floats
    error: Floats
    weight: Floats
    variance: Floats  # of the errors, both parts together
    degrees: int
    grid: Grid

    def chance(self, step: int) -> float:
        """The two-sided probability of a step as far from none, were there none."""
        below = self._below(step, 0.0)
        return 2 * min(below, 1 - below)

    def mean(self, step: int) -> float:
        """The step averaged over the grid."""
        return float(self.weight[step] @ self.estimate[step])

    def interval(self, step: int, *, confidence: float = 0.95) -> tuple[float, float]:
        """The interval that the mixture Σ_g w_g T((x − b_g)/s_g) of Student's t (1908) leaves equally on both sides."""
        rest = (1 - confidence) / 2
        return self._quantile(step, rest), self._quantile(step, 1 - rest)

    def _below(self, step: int, value: float) -> float:
        from scipy.special import stdtr

        t = (value - self.estimate[step]) / self.error[step]
        return float(self.weight[step] @ stdtr(self.degrees, t))

    def _quantile(self, step: int, level: float) -> float:
        reach = 1e3 * self.error[step].max() + np.abs(self.estimate[step]).max()
        low, high = -reach, reach
        for _ in range(MOST_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._below(step, middle) < level else (low, middle)
            if high - low < 1e-12 * reach:
                break
        return float(low + high) / 2

    def wandering(self, step: int) -> float:
        """How likely the errors have a slow part that moves whole weeks."""
        if self.variance[step, 0] < STILL:
            return 0.0
        slow = (self.grid.lasting >= WANDERING) & (self.grid.share > 0)
        return float(self.weight[step] @ slow)


def steps(values: Floats, base: Floats, blocks: Sequence[Floats], *, times: Floats, over: Grid) -> Steps:
    """Each step in turn beside the base, by generalised least squares under every pair of the grid.

    `values`: one a row, of equal variance. `base`: columns that every line has. `blocks`: for each step its columns,
    of which the first is judged. `times`: days, ascending.
    """
    parted = _parted(values, base, blocks, times=times, over=over)
    degrees = len(values) - base.shape[1] - blocks[0].shape[1]
    variance = parted.squares / degrees
    determinants = parted.logdet + np.linalg.slogdet(parted.inner)[1]
    # restricted likelihood: |R|^-½ |X'R⁻¹X|^-½ RSS^(-(n - p)/2), with the residual variance integrated out
    log = over.log_prior - determinants / 2 - degrees / 2 * np.log(parted.squares)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    return Steps(
        estimate=parted.slopes[:, :, 0],
        error=np.sqrt(variance * np.linalg.inv(parted.inner)[:, :, 0, 0]),
        weight=weight / weight.sum(axis=1, keepdims=True),
        variance=variance,
        degrees=degrees,
        grid=over,
    )


def evidence(
    values: Floats, base: Floats, shifts: Floats, *, times: Floats, over: Grid
) -> tuple[Floats, Floats, Floats]:
    """The log of each pair's posterior weight without a shift, and with each; and the variance without one."""
    parted = _parted(values, base, [shift[:, None] for shift in shifts.T], times=times, over=over)
    degrees = len(values) - base.shape[1]
    prior = over.log_prior - parted.logdet / 2
    plain = prior - degrees / 2 * np.log(parted.about_base)
    return plain, prior - degrees / 2 * np.log(parted.squares), parted.about_base / degrees


@dataclass(frozen=True)
class _Parted:
    """Least squares under every pair: what the base leaves of the values, and what each step takes of that."""

    logdet: Floats  # of the errors' likeness and of the base, for each pair
    about_base: Floats  # squares left by the base, for each pair
    inner: Floats  # of each step's own columns (step, pair, column, column)
    slopes: Floats  # step, pair, column
    squares: Floats  # left by base and step (step, pair)


def _parted(values: Floats, base: Floats, blocks: Sequence[Floats], *, times: Floats, over: Grid) -> _Parted:
    white, logdet = _whitened(np.column_stack([values, base, *blocks]), times=times, over=over)
    fixed, wide = base.shape[1], blocks[0].shape[1]
    products = white[:, :, : fixed + 1].transpose(0, 2, 1) @ white  # of the values and the base with every column
    stepping = white[:, :, fixed + 1 :].reshape(*white.shape[:2], len(blocks), wide)
    inner = np.einsum("gnmi,gnmj->mgij", stepping, stepping)
    gram, against = products[:, 1:, 1 : fixed + 1], np.delete(products[:, 1:], np.s_[1 : fixed + 1], axis=2)
    fitted = np.linalg.solve(gram, against)  # the values, and the steps, by the base alone
    pull = against[:, :, 1:].reshape(-1, fixed, len(blocks), wide)
    inner -= np.einsum("gfmi,gfmj->mgij", pull, fitted[:, :, 1:].reshape(pull.shape))
    outer = products[:, 0, fixed + 1 :].reshape(-1, len(blocks), wide).transpose(1, 0, 2)
    outer = outer - np.einsum("gfmi,gf->mgi", pull, fitted[:, :, 0])
    about_base = products[:, 0, 0] - np.einsum("gf,gf->g", against[:, :, 0], fitted[:, :, 0])
    slopes = np.linalg.solve(inner, outer[..., None])[..., 0]
    squares = np.maximum(about_base - np.einsum("mgi,mgi->mg", slopes, outer), SMALLEST)
    return _Parted(logdet + np.linalg.slogdet(gram)[1], np.maximum(about_base, SMALLEST), inner, slopes, squares)


def _whitened(columns: Floats, *, times: Floats, over: Grid) -> tuple[Floats, Floats]:
    """The columns made independent and of variance one under each pair (pair, row, column), and log |R|."""
    rows, wide = columns.shape
    white = np.empty((len(over.share), rows, wide))
    mean, spread = np.zeros((len(over.share), wide)), over.share.copy()
    logdet = np.zeros(len(over.share))
    for row in range(rows):
        if row:  # a = exp(−Δ/τ): m ← a m, P ← s + a²(P − s)
            decay = np.exp(-(times[row] - times[row - 1]) / over.lasting)
            spread = over.share + decay**2 * (spread - over.share)
            mean *= decay[:, None]
        expected = spread + 1 - over.share
        surprise = columns[row] - mean
        white[:, row] = surprise / np.sqrt(expected)[:, None]
        logdet += np.log(expected)
        gain = spread / expected
        surprise *= gain[:, None]
        mean += surprise
        spread = spread * (1 - gain)
    return white, logdet


def autocorrelation(residuals: Floats, *, lag: int = 1, stretch: Sequence[int] | None = None) -> float:
    """How alike residuals so many places apart are, from -1 to 1: r = Σ e_t e_{t−k} / Σ e_t².

    The serial correlation that lowers the effective number of days (Bayley and Hammersley 1946).

    `stretch`: of which stretch of the record each is; those of two stretches are no neighbours.
    """
    centred = residuals - residuals.mean()
    total = float(centred @ centred)
    products = centred[lag:] * centred[:-lag]
    if stretch is not None:
        number = np.asarray(stretch)
        products = products[number[lag:] == number[:-lag]]
    return float(products.sum()) / total if total else 0.0


@dataclass(frozen=True)
class LjungBox:
    """The statistic, its degrees of freedom, and its probability were there no likeness at these lags."""

    statistic: float
    degrees: int
    chance: float


def ljung_box(residuals: Floats, *, lags: int, fitted: int = 0) -> LjungBox:
    """Whether residuals resemble those up to so many places before (Ljung and Box 1978); `fitted`: ARMA parameters."""
    from scipy.special import chdtrc

    count = len(residuals)
    if not fitted < lags < count:
        raise SettingError(f"{lags} lags of {count} values, {fitted} fitted: fewer lags than values, more than fitted.")
    squares = (autocorrelation(residuals, lag=lag) ** 2 / (count - lag) for lag in range(1, lags + 1))
    statistic = count * (count + 2) * sum(squares)
    return LjungBox(statistic, lags - fitted, float(chdtrc(lags - fitted, statistic)))
