"""Continuation of a scenario's day from a given time: its workload, replication by replication."""

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from kcas.errors import ScenarioError
from kcas.forecasting.current_state import Present
from kcas.forecasting.initial_state import hand_over, pool_of, residual
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload, whole_milliseconds
from kcas.simulation.engines.tables import Desk
from kcas.simulation.engines.workload import Workload
from kcas.simulation.scenario.handling_time import LONGEST_CALL, trained
from kcas.simulation.scenario.schema import Scenario

PRESENT = 2**31
"""Where a replication's number would stand in the seed of the dice for the present, which all replications share."""


def continued(scenario: Scenario, present: Present, *, seed: int, days: range) -> tuple[Desk, Workload]:
    """The desk and the rest of these days. Raises ScenarioError for options whose state at a moment is not known."""
    phone = scenario.telephone
    if scenario.redials or phone.callback or phone.menu or phone.announcement or phone.lines is not None:
        raise ScenarioError(
            "a day cannot be taken up in its middle with redials, callbacks, a menu, announcements or a number of "
            "lines: the log does not say who is where in them. Expected a scenario without."
        )
    desk, load = desk_of(scenario), sample_workload(scenario, seed=seed, days=days)
    rng = Generator(PCG64(SeedSequence(seed, spawn_key=(PRESENT, days.start))))
    count = len(days)
    callers = {name: np.zeros((count, len(present.waited)), np.int64) for name in ("talk", "wrap", "hold", "patience")}
    work_left = np.zeros((count, len(present.busy_for)), np.int64)
    for number, (name, each) in enumerate(scenario.types.items()):
        scale = scenario.training.handling if trained(scenario, name) else 1.0
        mine, hands = present.waiting_type == number, present.busy_type == number
        size = (count, int(mine.sum()))
        laws = {"hold": each.hold, "talk": each.talk, "wrap": each.wrap}
        drawn = {
            what: np.minimum(law.draw(rng, size[0] * size[1]) * scale, LONGEST_CALL) if law else np.zeros(size).ravel()
            for what, law in laws.items()
        }
        drawn["talk"] = drawn["talk"] + drawn["hold"]
        for column, seconds in drawn.items():
            callers[column][:, mine] = whole_milliseconds(seconds).reshape(size)
        patience = residual(pool_of([each.patience], rng=rng), present.waited[mine], draws=count, rng=rng)
        callers["patience"][:, mine] = np.rint(patience).astype(np.int64)
        work = pool_of([each.talk, each.hold, each.wrap], rng=rng, scale=scale)
        work_left[:, hands] = np.rint(residual(work, present.busy_for[hands], draws=count, rng=rng)).astype(np.int64)
    return desk, hand_over(load, present, callers=callers, work_left=np.maximum(work_left, 1), desk=desk)
