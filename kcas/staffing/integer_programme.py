"""Integer programme: least-cost whole numbers within bounds, solved by HiGHS."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kcas.errors import ScenarioError


@dataclass
class Programme:
    """Columns and rows as they are gathered."""

    costs: list[float] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def column(self, *, cost: float = 0.0) -> int:
        """A whole number to be found."""
        self.costs.append(cost)
        return len(self.costs) - 1

    def row(self, terms: Mapping[int, float], *, low: float = -np.inf, high: float = np.inf) -> None:
        """A sum that must lie between two numbers."""
        self.rows.append((dict(terms), low, high))


def solved(programme: Programme, *, limit: float) -> tuple[Any, float, bool, float] | None:
    """The numbers, the gap, whether none is cheaper, and the seconds it took; None where there are none.

    Raises ScenarioError where none was found in time.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    began = time.perf_counter()
    at = [
        (number, column, value)
        for number, (terms, _, _) in enumerate(programme.rows)
        for column, value in terms.items()
    ]
    rows, columns, values = zip(*at, strict=True)
    matrix = csr_array((values, (rows, columns)), shape=(len(programme.rows), len(programme.costs)))
    low, high = (np.array([row[side] for row in programme.rows]) for side in (1, 2))
    answer = milp(
        np.array(programme.costs), integrality=np.ones(len(programme.costs)), bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(matrix, low, high), options={"time_limit": limit, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if answer.status == 2:
        return None
    if answer.x is None:
        raise ScenarioError(
            f"no roster was found within {limit:g} seconds. Expected a longer --time-limit, or fewer shifts."
        )
    return answer.x, float(answer.mip_gap or 0.0), answer.status == 0, time.perf_counter() - began
