"""Does `scenario check` say in words all that a scenario file says? No key may be read and not be told of."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from kcas.desk.toml_fields import Kind, key_of
from kcas.simulation.scenario.assumptions import assumptions, explained
from kcas.simulation.scenario.file import merge_tables, scenario_of
from kcas.simulation.scenario.schema import WEEKDAYS, Scenario

FIXED = {"distribution": "fixed", "value": "7 s"}
DESK: dict[str, Any] = {
    "question": "Does it run?",
    "day": {"opens": "09:00", "closes": "12:00"},
    "demand": {"calls_per_day": 60},
    "types": {
        "public": {"share": "60%", "talk": FIXED, "patience": FIXED, "teams": ["desk"], "overflow_to": ["help"]},
        "staff": {"share": "40%", "talk": FIXED, "patience": FIXED},
    },
    "teams": {"desk": {"shifts": [{"agents": 2, "from": "09:00", "to": "12:00"}]}, "help": {"agents": 1}},
    "other_work": {"visits": {"team": "desk", "agents": 1}},
    "telephone": {
        "menu": {"length": FIXED},
        "announcement": {"announces": "wait", "balk_share": "10%"},
        "callback": {"accepts": "40%", "offered_above": "1 min"},
        "voicemail": {"offered_after": "4 min", "accepts": "5%"},
        "longest_wait": {"after": "9 min", "then": "timed_out"},
    },
    "redials": {"delay": FIXED, "after_abandoning": "30%"},
    "training": {"handling": "90%"},
}
OTHER = {"distribution": "exponential", "mean": "11 s"}
BREAK = {"from": "10:00", "to": "10:15"}
SHIFT = {"agents": 2, "from": "09:00", "to": "12:00"}
CHANGES: dict[str, Any] = {
    "day.opens": "08:30", "day.closes": "13:00", "day.interval": "20 min", "day.weekdays": ["monday"],
    "day.after_closing": "disconnect",
    "demand.calls_per_day": 61, "demand.arrival_profile": [1, 2, 3, 4, 5, 6], "demand.day_to_day_sd": "9%",
    "demand.handling_variation": "6%", "demand.handling_by_interval": ["90%", "100%", "100%", "100%", "100%", "110%"],
    "demand.patience_by_interval": ["100%", "100%", "80%", "100%", "130%", "100%"],
    **{f"demand.weekdays.{day}": "93%" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    **{f"demand.arrival_profile_by_weekday.{day}": [1, 2, 2, 2, 2, 3] for day in WEEKDAYS},
    **{f"teams.help.extra_agents_by_weekday.{day}": [0, 1, -1, 0, 2, 0] for day in WEEKDAYS},
    "types.public.talk": OTHER, "types.public.hold": OTHER, "types.public.wrap": OTHER,
    "types.public.patience": OTHER, "types.public.priority": 2, "types.public.teams": [],
    "types.public.overflow_to": [], "types.public.overflow_after": "50 s", "types.public.keep_idle": 3,
    "types.public.arrival_profile": [6, 5, 4, 3, 2, 1],
    "types.public.handling_by_interval": ["95%", "100%", "100%", "100%", "100%", "105%"],
    "types.public.patience_by_interval": ["100%", "120%", "80%", "100%", "100%", "100%"],
    "teams.help.agents": 4, "teams.help.by_interval": [1, 1, 2, 2, 1, 1], "teams.help.absence": "3%",
    "teams.help.shrinkage": "4%", "teams.help.day_to_day_sd": "5%", "teams.help.demand_elasticity": "50%",
    "teams.desk.shifts": [{**SHIFT, "agents": 3}],
    "teams.desk.shifts.agents": [{**SHIFT, "agents": 5}], "teams.desk.shifts.from": [{**SHIFT, "from": "09:30"}],
    "teams.desk.shifts.to": [{**SHIFT, "to": "11:30"}], "teams.desk.shifts.breaks": [{**SHIFT, "breaks": [BREAK]}],
    "teams.desk.shifts.breaks.from": [{**SHIFT, "breaks": [{**BREAK, "from": "10:05"}]}],
    "teams.desk.shifts.breaks.to": [{**SHIFT, "breaks": [{**BREAK, "to": "10:20"}]}],
    "telephone.lines": 9, "telephone.agent_choice": "by chance", "telephone.nobody_working": "turn away",
    "telephone.menu.length": OTHER, "telephone.menu.self_service_share": "8%", "telephone.menu.hang_up": "3%",
    "telephone.menu.types": ["staff"],
    "telephone.announcement.announces": "position", "telephone.announcement.balk_share": "51%",
    "telephone.announcement.patience": "131%", "telephone.announcement.types": ["staff"],
    "telephone.callback.accepts": "41%", "telephone.callback.offered_after": "70 s",
    "telephone.callback.offered_above": "80 s", "telephone.callback.offered_when_waiting": 6,
    "telephone.callback.deadline": "2 h", "telephone.callback.reached": "81%", "telephone.callback.max_attempts": 3,
    "telephone.callback.try_length": "46 s", "telephone.callback.try_again_after": "21 min",
    "telephone.callback.types": ["staff"],
    "telephone.voicemail.offered_after": "3 min", "telephone.voicemail.accepts": "6%",
    "telephone.voicemail.types": ["staff"],
    "telephone.longest_wait.after": "8 min", "telephone.longest_wait.then": "overflowed",
    "telephone.longest_wait.types": ["staff"],
    "redials.delay": OTHER, "redials.after_abandoning": "31%", "redials.after_busy_tone": "60%",
    "redials.max_redials": 4,
    "redials.patience": "same",
    "training.handling": "91%", "training.inappropriate": "5%", "training.types": ["staff"],
    "other_work.visits.team": "help", "other_work.visits.agents": 2, "other_work.visits.from": "10:00",
    "other_work.visits.to": "11:00", "other_work.visits.stopped": True,
    "run.replications": 300, "run.seed": 2,
}  # fmt: skip
ELSEWHERE = {"question", "invented", "types.public.share", "demand.weekdays.saturday", "demand.weekdays.sunday"}
"""Said above or beneath, or not changed alone: shares add up to 100%, and the desk is closed at weekends."""
EXAMPLES = {"types": "types.public", "teams": "teams.desk", "other_work": "other_work.visits"}


def leaves(part: type, *, at: str) -> Iterator[str]:
    """Every key of a scenario that holds a value."""
    for each in fields(part):
        kind: Kind = each.metadata["kind"]
        here = f"{at}.{key_of(each.name)}".lstrip(".")
        if kind.part is None or kind.words.startswith("a list"):
            yield here
        if kind.part is not None:
            yield from leaves(kind.part, at=EXAMPLES.get(here, here))


def changed(key: str, value: Any) -> Scenario:
    where = key.split(".shifts.")[0] + ".shifts" if ".shifts." in key else key
    change: Any = value
    for name in reversed(where.split(".")):
        change = {name: change}
    if key == "day.closes":
        change = merge_tables(change, {"teams": {"desk": {"agents": 2}}})
    if ".extra_agents_by_weekday." in key:
        change = merge_tables({"teams": {"help": {"by_interval": [1, 1, 1, 1, 1, 1]}}}, change)
    return scenario_of(merge_tables(DESK, change), where="desk")


def test_every_key_of_a_scenario_is_tried_here() -> None:
    known = {key.replace("teams.desk.", "teams.") for key in leaves(Scenario, at="")}
    tried = {key.replace("teams.desk.", "teams.").replace("teams.help.", "teams.") for key in CHANGES}
    assert known == tried | ELSEWHERE


@pytest.mark.parametrize("key", CHANGES)
def test_another_value_is_told_of_in_other_words(key: str) -> None:
    before, after = explained(scenario_of(DESK, where="desk")), explained(changed(key, CHANGES[key]))
    assert before != after


def test_a_law_is_said_in_words() -> None:
    curve = {"distribution": "empirical", "at": ["1 min", "5 min"], "still_waiting": ["50%", "20%"], "tail": "9 min"}
    law = {"distribution": "mixture", "parts": [{"share": "40%", **curve}, {"share": "60%", **FIXED}],
     "hang_up_at_once": "2%",
           "supported_to": "6 min"}  # fmt: skip
    said = "\n".join(explained(changed("types.public.patience", law)))
    assert (
        "Patience: a mixture of 40% a measured curve of 2 points to 5 min, where 20% wait on (tail 9 min more on "
        "average) and 60% fixed (value 7 s), but 2% hang up at once, known to 6 min."
    ) in said


def test_what_is_invented_or_only_supposed_is_said_beneath() -> None:
    said = assumptions(changed("invented", ["demand"]))
    assert said[0] == "Invented, not measured: demand."
    assert any("menus is assumed" in line for line in said)
