"""Result rows of an engine: one for each call, equal in both engines."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcas.simulation.engines.tables import Desk
from kcas.simulation.engines.workload import Workload

NOT_USED = 0  # a redial that was not needed
ANSWERED, ABANDONED, CALLBACK, VOICEMAIL, OVERFLOWED, TIMED_OUT = 1, 2, 3, 4, 5, 6
NO_AGENTS, FAILED, OPEN, LEFT_IVR, BLOCKED, SELF_SERVED = 7, 8, 9, 10, 11, 12

OUTCOME_NAMES = (
    None, "answered", "abandoned", "callback", "voicemail", "overflowed", "timed_out",
    "no_agents", "failed", "open", "left_ivr", "blocked", "self_served",
)  # fmt: skip
"""An engine's outcome code to the name that every call, logged or simulated, bears."""


class Rows(NamedTuple):
    """One entry an attempt: the first attempts of all calls, then their second attempts, and so on.

    A call that is never rung back, or an attempt without a team, has -1 there.
    """

    outcome: NDArray[np.int8]
    team: NDArray[np.int16]
    arrived: NDArray[np.int32]  # milliseconds after midnight, as all moments here
    left: NDArray[np.int32]  # left the queue (or was lost before it); talk starts here if answered
    rung_back: NDArray[np.int32]  # when a promised callback was answered
    rung_by: NDArray[np.int16]  # the team that rang last
    tries: NDArray[np.int8]
    idle: NDArray[np.int64]  # [day, team] agent-milliseconds at the desk with nothing to do


def empty_rows(desk: Desk, load: Workload) -> Rows:
    """Rows to be filled in; the columns of callbacks are left empty where none is offered."""
    rows = len(load.arrival) * load.attempts
    promised = rows if load.reached_on.size else 0
    arrived = np.full(rows, -1, np.int32)
    arrived[: len(load.arrival)] = load.arrival
    return Rows(
        outcome=np.zeros(rows, np.int8),
        team=np.full(rows, -1, np.int16),
        arrived=arrived,
        left=np.full(rows, -1, np.int32),
        rung_back=np.full(promised, -1, np.int32),
        rung_by=np.full(promised, -1, np.int16),
        tries=np.zeros(promised, np.int8),
        idle=np.zeros((len(load.first) - 1, desk.reserve.shape[1]), np.int64),
    )
