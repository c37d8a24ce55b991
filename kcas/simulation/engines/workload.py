"""Workload: what every caller and every agent will do, as arrays.

An engine draws no random numbers: what a caller might have to decide (even the redial that may never be needed) is
here, by call and attempt, never used up in the order of events.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TAKES_CALLBACK, TAKES_VOICEMAIL, RINGS_AGAIN, RINGS_AGAIN_ENGAGED = 1, 2, 4, 8
LEAVES_ON_HEARING, SERVED_BY_MENU, LEAVES_IN_MENU = 16, 32, 64
"""What the caller will do if it comes to that: bits of `choices`."""


class Workload(NamedTuple):
    """Days one after another; row a·n + i is attempt a of call i. An option not in use has empty arrays."""

    first: NDArray[np.int64]  # [days + 1] where each day's calls begin
    arrival: NDArray[np.int64]  # [call] milliseconds after midnight, sorted within a day
    call_type: NDArray[np.int64]
    talk: NDArray[np.int64]  # hold included
    wrap: NDArray[np.int64]
    menu: NDArray[np.int64]  # line held, before the queue
    attempts: int
    patience: NDArray[np.int64]  # [row]
    choices: NDArray[np.int16]  # [row]
    redial_delay: NDArray[np.int64]  # [row] from the end of the attempt before
    team_die: NDArray[np.int64]  # [row] below 2**31; chooses among free agents
    reached_on: NDArray[np.int64]  # [call] the try on which a callback reaches the caller; 0 never
    staff_first: NDArray[np.int64]  # [days + 1]
    staff_at: NDArray[np.int64]
    staff_team: NDArray[np.int64]
    staff_agents: NDArray[np.int64]  # from then on
    hold: NDArray[np.int64] = np.empty(0, np.int64)  # [call] how much of the talk is hold; the engines do not ask
