"""Which counts must a public pack not show, so that nobody can be picked out, not even by taking one from another?

Counts of 1 to 4 are hidden; then whatever else lets a hidden one be worked out. Every published count is a sum over
atoms (calls of one kind in one stretch of days, or one queue), so whether a hidden count can be had from the published
ones is asked of linear algebra, and whether it is hemmed in to one value by none being below nought, of a linear
programme; not guessed from rows and columns.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

SMALL = 4
"""The largest count that is hidden, however it comes about; nought tells of nobody."""
ROUND_TO = 5
NEARLY = 1e-6
Floats = NDArray[np.float64]
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


def hidden(counts: Sequence[Count]) -> frozenset[Key]:
    """The counts not to be shown: the small ones, and as many more as keep those and each other from being known."""
    alike: dict[frozenset[tuple[Hashable, int]], list[Count]] = {}
    for count in counts:
        alike.setdefault(frozenset(count.parts.items()), []).append(count)
    once = [_as_one(same) for same in alike.values()]
    if not any(count.small for count in once):
        return frozenset()
    shut = _shut(once)
    return frozenset(count.key for same, one in zip(alike.values(), once, strict=True) if one.key in shut
                     for count in same)  # fmt: skip


def _as_one(same: Sequence[Count]) -> Count:
    """Counts of the very same calls, however named, are one: hidden together, and worth what any of them is."""
    first = next((count for count in same if count.shown), same[0])
    return replace(first, shown=any(count.shown for count in same), worth=max(count.worth for count in same))


def _shut(counts: Sequence[Count]) -> set[Key]:
    guarded = [count.shown or count.small for count in counts]
    shut = {count.key for count in counts if count.small and count.shown}
    matrix, numbers = _matrix(counts), np.array([count.number for count in counts], dtype=float)
    while True:
        mask = np.array([count.key in shut or not count.shown for count in counts])
        places = np.flatnonzero(mask & guarded)
        found = _worked_out(matrix, mask, places) or _hemmed_in(matrix, numbers, mask, counts)
        more = {key for at, helping in found for key in _also(counts, at=at, helping=helping, shut=shut)}
        if not more:
            return shut
        shut |= more


def _matrix(counts: Sequence[Count]) -> Floats:
    """A row a count, a column an atom; atoms that are always together are one."""
    atoms = {atom: number for number, atom in enumerate(dict.fromkeys(a for count in counts for a in count.parts))}
    matrix = np.zeros((len(counts), len(atoms)))
    for row, count in enumerate(counts):
        for atom, times in count.parts.items():
            matrix[row, atoms[atom]] = times
    alike = {column.tobytes(): place for place, column in enumerate(matrix.T.copy())}
    return matrix[:, sorted(alike.values())]


def _worked_out(matrix: Floats, mask: Mask, places: NDArray[np.intp]) -> list[tuple[int, Floats]]:
    """Hidden counts that are sums and differences of shown ones, each with the weight of every count in that."""
    from scipy.linalg import qr, solve_triangular

    if not len(places):
        return []
    shown = np.flatnonzero(~mask)
    basis, upper, order = qr(matrix[shown].T, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(upper)) > NEARLY).sum()) if len(shown) else 0
    wanted = matrix[places].T
    along = basis[:, :rank].T @ wanted
    left = np.abs(wanted - basis[:, :rank] @ along).max(axis=0)
    weights = np.zeros((len(mask), len(places)))
    weights[shown[order[:rank]]] = np.abs(solve_triangular(upper[:rank, :rank], along))
    return [(int(at), weights[:, n]) for n, at in enumerate(places) if left[n] < NEARLY]


def _hemmed_in(matrix: Floats, numbers: Floats, mask: Mask, counts: Sequence[Count]) -> list[tuple[int, Floats]]:
    """Small counts that can have one value only, since no atom is below nought; any shown count may then help."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    shown, told = csr_array(matrix[~mask]), numbers[~mask]
    found = []
    for at in np.flatnonzero(mask & (numbers >= 1) & (numbers <= SMALL)):
        ends = [
            linprog(sign * matrix[at], A_eq=shown, b_eq=told, bounds=(0, None), method="highs") for sign in (1.0, -1.0)
        ]
        if all(end.status == 0 for end in ends) and -ends[1].fun - ends[0].fun < 1 - NEARLY:
            alike = [float(_alike(counts[int(at)].key, count.key)) for count in counts]
            found.append((int(at), np.array(alike)))
    return found


def _alike(one: Key, other: Key) -> bool:
    """Whether two counts stand in the same column or the same row of a table."""
    return one[0] == other[0] and (one[1] == other[1] or one[2] == other[2])


def _also(counts: Sequence[Count], *, at: int, helping: Floats, shut: set[Key]) -> set[Key]:
    """A shown count that helps to work out a hidden one: of its own row, else its column; of least worth, smallest."""
    own = counts[at].key
    able = [
        (count.key[:2] != own[:2], not _alike(own, count.key), count.worth, count.number, count.key)
        for count, weight in zip(counts, helping, strict=True)
        if weight > NEARLY and count.number > 0 and count.shown and count.key not in shut
    ]
    return {min(able)[-1]} if able else set()
