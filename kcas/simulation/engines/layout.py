"""A scenario's desk as the engines' small tables: who may take what, after how long, and in which order."""

import numpy as np
from numpy.typing import NDArray

from kcas.simulation.engines.tables import (
    CUT_OFF,
    NEVER,
    OVERFLOWED,
    STAY,
    TIMED_OUT,
    VOICEMAIL,
    WAIT_ON,
    Desk,
    plain_desk,
)
from kcas.simulation.scenario.handling_time import handling
from kcas.simulation.scenario.roster import presences
from kcas.simulation.scenario.schema import CallType, Scenario

AFTER_CLOSING = {"keep waiting": WAIT_ON, "disconnect": CUT_OFF, "serve queue": STAY}
GIVES_UP_AS = {"timed_out": TIMED_OUT, "voicemail": VOICEMAIL, "overflowed": OVERFLOWED}
OVERDUE, PROMISED = 0, 1000
"""Levels at which a freed agent looks for callbacks: before every priority, and after all."""


def milliseconds(seconds: float | None) -> int:
    """Whole milliseconds; NEVER for None, and for what is too long to matter."""
    return NEVER if seconds is None or seconds * 1000 >= NEVER else round(seconds * 1000)


def desk_of(scenario: Scenario) -> Desk:
    """The tables of a scenario."""
    types, phone = list(scenario.types.values()), scenario.telephone
    teams = list(scenario.teams)
    served_by = [[teams.index(name) for name in teams_for(each, teams)] for each in types]
    looks, levels = looks_of(types, served_by, teams=len(teams))
    desk = plain_desk(types=len(types), teams=len(teams), teams_of=served_by * 3, queues_of=looks, level_of=levels)
    desk = with_options(with_overflow(desk, types, teams), scenario)
    hours = {"opens": scenario.day.opens, "closes": scenario.day.closes, "interval": scenario.day.interval}
    ends = max(each.end for team in scenario.teams.values() for each in presences(team, **hours))
    return desk._replace(
        lines=NEVER if phone.lines is None else phone.lines,
        by_chance=int(phone.agent_choice == "by chance"),
        turn_away=int(phone.nobody_working == "turn away"),
        close=milliseconds(scenario.day.closes),
        at_close=AFTER_CLOSING[scenario.day.after_closing],
        counts_until=milliseconds(
            scenario.day.closes if scenario.day.after_closing == "serve queue" else max(ends, scenario.day.closes)
        ),
        mean_handling=np.array([milliseconds(handling(scenario, name)) for name in scenario.types], np.int64),
    )


def teams_for(call_type: CallType, teams: list[str]) -> list[str]:
    """The teams that may take a call, first choice first, those that help out last."""
    own = call_type.teams or [name for name in teams if name not in call_type.overflow_to]
    return [*own, *call_type.overflow_to]


def looks_of(
    types: list[CallType], served_by: list[list[int]], *, teams: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Where each team's freed agents look, and at what level."""
    looks, levels = [], []
    for team in range(teams):
        places = []
        for number, each in enumerate(types):
            if team in served_by[number]:
                places.append((OVERDUE, 2 * len(types) + number))
                places.append((each.priority, number))
                places.append((PROMISED, len(types) + number))
        places.sort()
        looks.append([queue for _, queue in places])
        levels.append([level for level, _ in places])
    return looks, levels


def with_overflow(desk: Desk, types: list[CallType], teams: list[str]) -> Desk:
    """A second team comes into reach after a wait, or while enough of it are idle."""
    reserve, after, helps = desk.reserve.copy(), desk.after.copy(), desk.helps.copy()
    reach = np.full(len(types), NEVER, np.int64)
    for number, each in enumerate(types):
        for team in (teams.index(name) for name in each.overflow_to):
            reserve[number :: len(types), team] = each.keep_idle
            after[number, team] = milliseconds(each.overflow_after)
            helps[number :: len(types), team] = 1
        if each.overflow_to and each.overflow_after > 0:
            reach[number] = milliseconds(each.overflow_after)
    return desk._replace(reserve=reserve, after=after, helps=helps, overflow_after=reach)


def with_options(desk: Desk, scenario: Scenario) -> Desk:
    """The telephone's options, each for the types it is meant for."""
    phone, names = scenario.telephone, list(scenario.types)

    def spread(value: int, types: tuple[str, ...], *, otherwise: int) -> NDArray[np.int64]:
        return np.array([value if not types or name in types else otherwise for name in names], np.int64)

    if heard := phone.announcement:
        desk = desk._replace(
            announces=spread(1, heard.types, otherwise=0),
            stretch=spread(round(heard.patience * 1000), heard.types, otherwise=1000),
        )
    if message := phone.voicemail:
        after = milliseconds(message.offered_after)
        desk = desk._replace(voicemail_after=spread(after, message.types, otherwise=NEVER))
    if limit := phone.longest_wait:
        desk = desk._replace(
            longest_wait=spread(milliseconds(limit.after), limit.types, otherwise=NEVER),
            longest_wait_as=spread(GIVES_UP_AS[limit.then], limit.types, otherwise=TIMED_OUT),
        )
    if back := phone.callback:
        waiting = NEVER if back.offered_when_waiting is None else back.offered_when_waiting
        desk = desk._replace(
            callback_after=spread(milliseconds(back.offered_after), back.types, otherwise=NEVER),
            callback_above=spread(milliseconds(back.offered_above), back.types, otherwise=NEVER),
            callback_waiting=spread(waiting, back.types, otherwise=NEVER),
            callback_due=spread(milliseconds(back.deadline), back.types, otherwise=NEVER),
            callback_tries=back.max_attempts,
            callback_ring=milliseconds(back.try_length),
            callback_pause=milliseconds(back.try_again_after),
        )
    return desk
