"""Compilation of the kernel in a process of its own, before anyone waits for it."""

import numpy as np

from kcas.simulation.engines.tables import Workload, plain_desk


def compile_now() -> None:
    """Compile and keep the kernel, by letting a day without calls happen."""
    from kcas.simulation.engines import compiled_engine

    none = np.empty(0, np.int64)
    compiled_engine.run(
        plain_desk(types=1, teams=1),
        Workload(
            first=np.zeros(2, np.int64), arrival=none, call_type=none, talk=none, wrap=none, menu=none, attempts=1,
            patience=none, choices=none.astype(np.int16), redial_delay=none, team_die=none, reached_on=none,
            staff_first=np.zeros(2, np.int64), staff_at=none, staff_team=none, staff_agents=none,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    compile_now()
