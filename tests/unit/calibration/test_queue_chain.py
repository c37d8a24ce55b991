"""Does the chain that is fitted with lose as many callers as the exact day, and follow a hazard that is not steady?"""

import numpy as np
import pytest

from kcas.calibration.staff_on_duty import lost_calls
from kcas.distributions.laws import Weibull
from kcas.distributions.measured import PiecewiseExponential
from kcas.queueing.general_patience import steady_with
from kcas.queueing.transient import Stretch, day


@pytest.mark.parametrize(("agents", "busiest", "handle", "patience"), [(8, 80, 230.0, 180.0), (3, 14, 400.0, 120.0)])
def test_with_whole_agents_and_steady_hazard_it_is_the_exact_day(
    agents: int, busiest: float, handle: float, patience: float
) -> None:
    calls = busiest * np.array([0.4, 0.8, 1.0, 1.1, 0.9, 0.6, 0.3])
    exact = day([Stretch(1800.0, each / 1800, agents) for each in calls], handle=handle, patience=patience)
    found = lost_calls(
        calls[None],
        np.full((1, 7), float(agents)),
        np.array([handle]),
        PiecewiseExponential(np.zeros(1), np.array([1 / patience])),
    )
    assert found[0] == pytest.approx([part.abandoned for part in exact[:7]], rel=0.01, abs=0.02)


def test_a_hazard_that_falls_with_waiting_is_met_within_a_tenth_of_theory() -> None:
    # M/M/n+G in the steady state; the chain's law of j / arrivals is Whitt's approximation
    law, arrivals, agents = Weibull(0.7, 200.0), 90 / 1800, 9
    edges = np.concatenate([np.arange(0, 60, 2.0), np.arange(60, 1800, 20.0)])
    gone = -np.log(law.survival(edges))
    pace = np.append(np.diff(gone) / np.diff(edges), 0.0005)
    hours = np.full((1, 12), 90.0)
    lost = lost_calls(hours, np.full((1, 12), float(agents)), np.array([200.0]), PiecewiseExponential(edges, pace))
    theory = steady_with(arrivals, handle=200.0, agents=agents, patience=law).p_abandon
    assert lost[0, 6:].sum() / hours[0, 6:].sum() == pytest.approx(theory, rel=0.1)


def test_part_of_an_agent_loses_fewer_callers_than_none_and_more_than_a_whole_one() -> None:
    hazard = PiecewiseExponential(np.zeros(1), np.array([1 / 150]))
    agents = np.repeat(np.array([[5.0], [5.5], [6.0]]), 4, axis=1)
    five, between, six = lost_calls(np.full((3, 4), 50.0), agents, np.full(3, 200.0), hazard).sum(axis=1)
    assert six < between < five
