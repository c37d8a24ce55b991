"""Scenarios made up at random as a planner could write them, every key there or not by a coin."""

from typing import Any

import numpy as np
from numpy.random import Generator

TYPES, TEAMS = ("public", "staff", "urgent"), ("desk", "second", "help")
LAWS: tuple[dict[str, Any], ...] = (
    {"distribution": "exponential", "mean": "90 s"},
    {"distribution": "lognormal", "mean": "2 min", "cv": 1.2},
    {"distribution": "gamma", "mean": "80 s", "shape": 2},
    {"distribution": "weibull", "mean": "2 min", "shape": 0.8},
    {"distribution": "fixed", "value": "70 s"},
    {"distribution": "uniform", "low": "10 s", "high": "3 min"},
    {"distribution": "log-logistic", "median": "70 s", "shape": 2},
    {"distribution": "empirical", "at": ["30 s", "3 min"], "still_waiting": ["60%", "10%"], "tail": "4 min"},
    {"distribution": "mixture", "parts": [{"share": "30%", "distribution": "fixed", "value": "10 s"},
                                 {"share": "70%", "distribution": "exponential", "mean": "3 min"}]},
)  # fmt: skip
KEYS = (
    "day.interval", "day.after_closing", "demand.arrival_profile", "demand.weekdays", "demand.day_to_day_sd",
    "types.hold", "types.wrap", "types.priority", "types.teams", "types.overflow_to", "types.overflow_after",
    "types.keep_idle", "types.arrival_profile", "types.hang_up_at_once", "types.endless",
    "teams.by_interval", "teams.shifts", "teams.absence", "teams.shrinkage",
    "telephone.lines", "telephone.agent_choice", "telephone.nobody_working",
    "telephone.menu", "telephone.menu.types", "telephone.announcement", "telephone.announcement.patience",
    "telephone.announcement.types", "telephone.callback", "telephone.callback.offered_after",
    "telephone.callback.offered_above", "telephone.callback.offered_when_waiting", "telephone.callback.deadline",
    "telephone.callback.reached", "telephone.callback.max_attempts", "telephone.callback.types",
    "telephone.voicemail", "telephone.voicemail.types", "telephone.longest_wait", "telephone.longest_wait.types",
    "redials", "redials.after_busy_tone", "redials.patience", "training.handling", "training.inappropriate",
    "training.types", "other_work", "other_work.from", "other_work.stopped", "demand.handling_variation",
    "teams.day_to_day_sd", "teams.demand_elasticity",
)  # fmt: skip
"""Every switch that a scenario has, by its key."""


def random_scenario(seed: int) -> tuple[dict[str, Any], set[str]]:
    """A scenario's tables, and the keys that are there."""
    rng = np.random.default_rng(seed)
    on = {key for key in KEYS if rng.random() < 0.5}
    types, teams = TYPES[: int(rng.integers(1, 4))], TEAMS[: int(rng.integers(2, 4))]
    day = {"opens": "09:00", "closes": "11:00", "weekdays": ["monday", "saturday"]}
    if "day.interval" in on:
        day["interval"] = "20 min"
    if "day.after_closing" in on:
        day["after_closing"] = str(rng.choice(["keep waiting", "disconnect"]))
    intervals = 6 if "day.interval" in on else 4
    demand: dict[str, Any] = {"calls_per_day": int(rng.integers(40, 130))}
    if "demand.arrival_profile" in on:
        demand["arrival_profile"] = rng.integers(1, 5, intervals).tolist()
    if "demand.weekdays" in on:
        demand["weekdays"] = {"saturday": "60%"}
    if "demand.day_to_day_sd" in on:
        demand["day_to_day_sd"] = "20%"
    if "demand.handling_variation" in on:
        demand["handling_variation"] = "15%"
    shares = {1: ["100%"], 2: ["70%", "30%"], 3: ["50%", "30%", "20%"]}[len(types)]
    return {
        "question": "Do both agree?", "day": day, "demand": demand,
        "types": {
            name: random_type(rng, on=on, share=share, teams=teams, intervals=intervals)
            for name, share in zip(types, shares, strict=True)
        },
        "teams": {name: random_team(rng, on=on, intervals=intervals, first=name == teams[0]) for name in teams},
        "telephone": random_telephone(rng, on=on, types=types),
        **random_rest(rng, on=on, types=types, teams=teams),
    }, on  # fmt: skip


def a_law(rng: Generator) -> dict[str, Any]:
    return dict(LAWS[int(rng.integers(len(LAWS)))])


def random_type(rng: Generator, *, on: set[str], share: str, teams: tuple[str, ...], intervals: int) -> dict[str, Any]:
    patience = a_law(rng)
    if "types.hang_up_at_once" in on:
        patience["hang_up_at_once"] = "10%"
    if "types.endless" in on and rng.random() < 0.3:
        patience = {"distribution": "endless"}
    found: dict[str, Any] = {"share": share, "talk": a_law(rng), "patience": patience}
    choices: dict[str, Any] = {
        "hold": a_law(rng), "wrap": {"distribution": "exponential", "mean": "30 s"},
        "priority": int(rng.integers(1, 4)),
        "arrival_profile": rng.integers(1, 5, intervals).tolist(), "keep_idle": int(rng.integers(1, 3)),
        "overflow_after": f"{rng.integers(5, 90)} s",
    }  # fmt: skip
    found |= {key: value for key, value in choices.items() if f"types.{key}" in on}
    if "types.overflow_to" in on:
        found |= {"teams": [teams[0]], "overflow_to": list(teams[1:])}
    elif "types.teams" in on:
        found["teams"] = [str(name) for name in rng.permutation(teams)[: int(rng.integers(1, len(teams) + 1))]]
    return found


def random_team(rng: Generator, *, on: set[str], intervals: int, first: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"agents": int(rng.integers(1 if first else 0, 4))}
    if "teams.shifts" in on and rng.random() < 0.6:
        pause = {"from": "09:40", "to": "10:00"}
        found = {
            "shifts": [
                {"agents": 2, "from": "09:00", "to": "10:30", "breaks": [pause]},
                {"agents": int(rng.integers(0, 3)), "from": "09:30", "to": "11:00"},
            ]
        }
    elif "teams.by_interval" in on:
        found = {"by_interval": [int(first), *rng.integers(0, 4, intervals - 1).tolist()]}
    found |= {
        key: "20%" for key in ("absence", "shrinkage", "day_to_day_sd", "demand_elasticity") if f"teams.{key}" in on
    }
    return found


def random_telephone(rng: Generator, *, on: set[str], types: tuple[str, ...]) -> dict[str, Any]:
    options: dict[str, dict[str, Any]] = {
        "menu": {"length": a_law(rng), "self_service_share": "15%", "hang_up": "10%"},
        "announcement": {"announces": str(rng.choice(["wait", "position"])), "balk_share": "50%"},
        "callback": {"accepts": "60%", "try_length": "20 s", "try_again_after": "5 min"},
        "voicemail": {"offered_after": "40 s", "accepts": "40%"},
        "longest_wait": {"after": "2 min", "then": str(rng.choice(["timed_out", "voicemail", "overflowed"]))},
    }
    more: dict[str, Any] = {
        "announcement.patience": "150%", "callback.offered_after": "30 s", "callback.offered_above": "1 min",
        "callback.offered_when_waiting": int(rng.integers(0, 3)), "callback.deadline": "10 min",
        "callback.reached": "60%", "callback.max_attempts": 3,
    }  # fmt: skip
    for key, value in more.items():
        if f"telephone.{key}" in on:
            option, name = key.split(".")
            options[option][name] = value
    if not set(options["callback"]) & {"offered_after", "offered_above", "offered_when_waiting"}:
        options["callback"]["offered_after"] = "45 s"
    for name, option in options.items():
        if f"telephone.{name}.types" in on:
            option["types"] = [types[-1]]
    found: dict[str, Any] = {name: option for name, option in options.items() if f"telephone.{name}" in on}
    if "telephone.lines" in on:
        found["lines"] = int(rng.integers(2, 9))
    if "telephone.agent_choice" in on:
        found["agent_choice"] = "by chance"
    if "telephone.nobody_working" in on:
        found["nobody_working"] = "turn away"
    return found


def random_rest(
    rng: Generator, *, on: set[str], types: tuple[str, ...], teams: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    if "redials" in on:
        found["redials"] = {"delay": a_law(rng), "after_abandoning": "50%", "max_redials": int(rng.integers(1, 4))}
        found["redials"] |= {"after_busy_tone": "70%"} if "redials.after_busy_tone" in on else {}
        found["redials"] |= {"patience": "same"} if "redials.patience" in on else {}
    training = {"handling": "80%", "inappropriate": "10%", "types": [types[0]]}
    found["training"] = {key: value for key, value in training.items() if f"training.{key}" in on}
    if "other_work" in on:
        work = {"from": "09:30", "stopped": True}
        found["other_work"] = {
            "visits": {"team": teams[-1], "agents": 1}
            | {key: value for key, value in work.items() if f"other_work.{key}" in on}
        }
    return found
