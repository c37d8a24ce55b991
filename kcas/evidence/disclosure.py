"""Disclosure control: primary and secondary suppression of small counts, by linear programming.

Counts of 1 to 4 are hidden; then whatever else lets a hidden one be worked out. Every published count is a sum over
atoms (calls of one kind in one stretch of days, or one queue). A hidden count is safe once there is another world, of
atoms not below zero, that fits all that is shown and in which it is another whole number. The world that differs in
the least of what is shown is found by a linear programme, and what differs in it is hidden too; nothing is guessed
from rows and columns (after Kelly, Golden and Assad 1992, and Fischetti and Salazar 2001).

Protection of a count: shown, suppressed, or rounded to five.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcas.arrays import Floats

SMALL = 4
"""The largest count that is hidden, however it comes about; zero identifies no one."""
ROUND_TO = 5
NEARLY = 1e-6
Mask = NDArray[np.bool_]
Key = tuple[str, str, str]
"""Of a count: the table's grouping, the row's group, and what is counted."""


@dataclass(frozen=True)
class Count:
    """A count that a table would show, and how many times it holds each atom. One not shown is guarded all the same."""

    key: Key
    number: int
    parts: Mapping[Hashable, int]
    shown: bool = True
    worth: int = 0  # the more it is worth to a reader, the later it is hidden for another's sake

    @property
    def small(self) -> bool:
        """Whether it tells of so few that it is not to be known."""
        return 1 <= self.number <= SMALL


def rounded(number: int) -> int:
    """To the nearest five."""
    return int(ROUND_TO * ((number + ROUND_TO // 2) // ROUND_TO))


def hidden(counts: Sequence[Count], *, same: Sequence[Mapping[Hashable, int]] = ()) -> frozenset[Key]:
    """The counts not to be shown: the small ones, and as many more as keep those and each other from being known.

    `same` holds what everybody knows of atoms: sums of them, each times its number, that come to zero.
    """
    alike: dict[frozenset[tuple[Hashable, int]], list[Count]] = {}
    for count in counts:
        alike.setdefault(frozenset(count.parts.items()), []).append(count)
    once = [_as_one(each) for each in alike.values()]
    if not any(count.small for count in once):
        return frozenset()
    audit = Audit(once, _matrix([*(count.parts for count in once), *same]))
    audit.close()
    return frozenset(count.key for each, shut in zip(alike.values(), audit.mask, strict=True) if shut
                     for count in each if count.shown)  # fmt: skip


def _as_one(same: Sequence[Count]) -> Count:
    """Counts of the very same calls, however named, are one: hidden together, and worth what any of them is."""
    first = next((count for count in same if count.shown), same[0])
    return replace(first, shown=any(count.shown for count in same), worth=max(count.worth for count in same))


class Audit:
    """What a reader sees so far, and what each count can be in the worlds found that fit it.

    Hiding more only ever lets more worlds fit, so what is proved unknown once stays so.
    """

    def __init__(self, counts: Sequence[Count], rows: Floats) -> None:
        from scipy.sparse import csr_array, eye_array, hstack

        self.numbers = np.array([count.number for count in counts], dtype=float)
        self.mask = np.array([count.small or not count.shown for count in counts])  # not shown
        self.guarded = np.array([count.shown or count.small for count in counts])
        self.low, self.high = self.numbers.copy(), self.numbers.copy()
        self.cost = np.array([1.0 + count.worth for count in counts])
        self.rows = csr_array(rows)
        up = eye_array(rows.shape[0], len(counts), format="csr")
        self.equations = hstack([self.rows, -up, up], format="csr")  # atoms, and how far each count is off, up and down
        self.sums = np.concatenate([self.numbers, np.zeros(rows.shape[0] - len(counts))])

    def close(self) -> None:
        """Hide as many more counts as leave no hidden one known."""
        tried: set[int] = set()
        while left := [at for at in np.flatnonzero(self.mask & self.guarded) if not self.unknown(at)]:
            at = next((int(at) for at in left if at not in tried), None)
            if at is None:
                return  # nothing that may be hidden would help: every other count is zero
            tried.add(at)
            worlds = [world for by in (1.0, -1.0) if (world := self.nearest_world(at, by=by)) is not None]
            if worlds:
                _, nearest = min(worlds, key=lambda world: world[0])
                self.mask |= np.abs(nearest - self.numbers) > NEARLY
                self.low, self.high = np.minimum(self.low, nearest), np.maximum(self.high, nearest)

    def unknown(self, at: int | np.intp) -> bool:
        """Whether two whole numbers at least are known to be possible."""
        return bool(math.floor(self.high[at] + NEARLY) - math.ceil(self.low[at] - NEARLY) >= 1)

    def nearest_world(self, at: int, *, by: float) -> tuple[float, Floats] | None:
        """Every count in the world in which one is more, or less, by one, and least of what is shown is otherwise.

        With what it costs to hide what differs; None where there is no such world.
        """
        from scipy.optimize import linprog

        most = 2 * self.numbers.max() + 2 * SMALL
        marked = self.guarded  # no hidden count is zero, nor is a count of zero ever hidden
        up = np.where(marked & (self.numbers == 0), 0.0, most)
        down = np.where(marked, np.maximum(self.numbers - 1, 0.0), self.numbers)
        least = np.zeros(2 * len(self.numbers))
        place = at if by > 0 else at + len(self.numbers)
        least[place] = 1.0
        ends = np.concatenate([up, down])
        ends[at if by < 0 else at + len(self.numbers)] = 0.0
        if ends[place] < 1:
            return None
        atoms = self.rows.shape[1]
        cost = np.where(self.mask, 0.0, self.cost)
        bounds = np.column_stack(
            [np.concatenate([np.zeros(atoms), least]), np.concatenate([np.full(atoms, most), ends])]
        )
        solution = linprog(np.concatenate([np.zeros(atoms), cost, cost]), A_eq=self.equations, b_eq=self.sums,
                        bounds=bounds, method="highs")  # fmt: skip
        if solution.status != 0:
            return None
        return float(solution.fun), np.asarray(self.rows[: len(self.numbers)] @ solution.x[:atoms])


def _matrix(rows: Sequence[Mapping[Hashable, int]]) -> Floats:
    """A row a sum, a column an atom; atoms that are always together are one."""
    atoms = {atom: number for number, atom in enumerate(dict.fromkeys(atom for row in rows for atom in row))}
    matrix = np.zeros((len(rows), len(atoms)))
    for place, row in enumerate(rows):
        for atom, times in row.items():
            matrix[place, atoms[atom]] = times
    alike = {column.tobytes(): place for place, column in enumerate(matrix.T.copy())}
    return matrix[:, sorted(alike.values())]


@dataclass(frozen=True)
class Guard:
    """What may be shown of each count: itself, nothing, or itself to the nearest five."""

    shut: frozenset[Key] = frozenset()
    to_five: bool = False

    def __call__(self, number: int | None, key: Key) -> int | None:
        """The count as it may be shown; None where it may not or is not known."""
        if number is None or key in self.shut:
            return None
        return rounded(number) if self.to_five else number

    @property
    def keeps_back(self) -> bool:
        """Whether anything may not be shown as it is."""
        return self.to_five or bool(self.shut)

    def shuts(self, key: Key) -> bool:
        """Whether a count is known and not shown."""
        return key in self.shut


def number_of(row: Mapping[str, Any], quantity: str) -> int | None:
    """A count of a row of measures; None where the log does not tell it."""
    if quantity == "otherwise":
        parts = [row["offered"], row["answered"], row["abandoned_all"]]
        if any(part is None for part in parts):
            return None
        rest = int(parts[0] - parts[1] - parts[2] - (row["open"] or 0))
        return rest if rest >= 0 else None
    value = row[quantity.removeprefix("outcome ")]
    return None if value is None else int(value)
