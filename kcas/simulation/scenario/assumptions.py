"""Assumptions of a scenario in words, and what readers of its results must know."""

from collections.abc import Iterator

from kcas.desk.units import clock, duration_text
from kcas.desk.units import percentage_text as _percent
from kcas.simulation.scenario.handling_time import cut_short, handling, uncut
from kcas.simulation.scenario.roster import Shift, Team, begins, ends
from kcas.simulation.scenario.schema import Callback, CallType, Demand, Scenario


def explained(scenario: Scenario) -> list[str]:
    """The scenario in sentences, a part at a time."""
    day, demand = scenario.day, scenario.demand
    lines = [
        f"Open from {clock(day.opens)} to {clock(day.closes)}; days simulated: {', '.join(day.weekdays)}.",
        f"At closing, who still queues: {AFTER_CLOSING[day.after_closing]}.",
        f"{demand.calls_per_day:,.6g} callers on an average day"
        + (f", days differing by {_percent(demand.day_to_day_sd)} beyond chance" if demand.day_to_day_sd else "")
        + (
            f", days differing in handling by {_percent(demand.handling_variation)}"
            if demand.handling_variation
            else ""
        )
        + ".",
    ]
    lines += of_spread(scenario)
    lines += [of_type(scenario, name, each) for name, each in scenario.types.items()]
    lines += [of_team(name, team) for name, team in scenario.teams.items()]
    for name, work in scenario.other_work.items():
        verb = "takes" if not work.stopped else "is stopped, and gives back"
        when = f"from {clock(begins(work, day.opens))} to {clock(ends(work, day.closes))}"
        lines.append(f"Other work, {name}: {verb} {work.agents} agents of {work.team}, {when}.")
    run = f"Unless told otherwise, {scenario.run.replications:,} days are simulated, from seed {scenario.run.seed}."
    return [*lines, *of_telephone(scenario), *of_callers(scenario), run]


def of_spread(scenario: Scenario) -> list[str]:
    """How callers spread over the day and over the week."""
    day, demand = scenario.day, scenario.demand
    sentences = [
        f"The day is told in intervals of {duration_text(day.interval)}; {spread(scenario, demand.arrival_profile)}."
    ]
    differ = {name: share for name in day.weekdays if (share := getattr(demand.weekdays, name)) != 1}
    if differ:
        listed = ", ".join(f"{name.capitalize()} {_percent(share)}" for name, share in differ.items())
        sentences.append(f"Calls by weekday, of the average day's: {listed}.")
    for name, own in vars(demand.arrival_profile_by_weekday).items():
        if own:
            sentences.append(f"On a {name.capitalize()} in its own way: {spread(scenario, own)}.")
    return sentences + _over_the_day(scenario, demand)


def _over_the_day(scenario: Scenario, part: Demand | CallType) -> list[str]:
    """When calls take longest and shortest, and callers wait longest and shortest, by the interval they arrive in."""
    sentences = []
    for factors, what in ((part.handling_by_interval, "take"), (part.patience_by_interval, "wait for")):
        if factors:
            ends = (pick(range(len(factors)), key=factors.__getitem__) for pick in (max, min))
            day = scenario.day
            most, least = (
                f"{_percent(factors[at])} of their type's time from {clock(day.opens + at * day.interval)}"
                for at in ends
            )
            who = "Calls" if what == "take" else "Callers"
            sentences.append(f"{who} {what} between {least} and {most}, by when they ring.")
    return sentences


def spread(scenario: Scenario, weights: tuple[float, ...]) -> str:
    """Where the weights of a day lie."""
    if not weights:
        return "callers come evenly over it"
    day, whole = scenario.day, sum(weights)
    most, least = (pick(range(len(weights)), key=weights.__getitem__) for pick in (max, min))
    return (
        f"most callers come from {clock(day.opens + most * day.interval)} ({weights[most] / whole:.1%} of them), "
        f"fewest from {clock(day.opens + least * day.interval)} ({weights[least] / whole:.1%})"
    )


AFTER_CLOSING = {
    "keep waiting": "keeps waiting for agents still rostered",
    "disconnect": "is disconnected",
    "serve queue": "is served by agents who stay",
}


def of_type(scenario: Scenario, name: str, each: CallType) -> str:
    teams = " then ".join(each.teams) or "any team"
    if each.overflow_to:
        free = f" while more than {each.keep_idle} of them are idle" if each.keep_idle else ""
        helps = f", after {duration_text(each.overflow_after)} also by {' or '.join(each.overflow_to)}{free}"
    else:
        helps = ""
    laws = {"talk": each.talk, "on hold": each.hold, "wrap-up": each.wrap}
    parts = "; ".join(f"{what} {law.words}" for what, law in laws.items() if law)
    own = f" In their own way, {spread(scenario, each.arrival_profile)}." if each.arrival_profile else ""
    return (
        f"Calls from {name}: {_percent(each.share)} of them, {duration_text(round(handling(scenario, name)))} of an "
        f"agent's time on average ({parts}). Patience: {each.patience.words}. Priority {each.priority}; taken by "
        f"{teams}{helps}.{own}" + "".join(f" {each}" for each in _over_the_day(scenario, each))
    )


def of_team(name: str, team: Team) -> str:
    if team.agents is not None:
        many = f"{team.agents} agents all day"
    elif team.by_interval:
        many = f"{min(team.by_interval)} to {max(team.by_interval)} agents, by interval"
    else:
        many = ", ".join(of_shift(each) for each in team.shifts)
    for weekday, more in vars(team.extra_agents_by_weekday).items():
        if more:
            hours = f"{sum(more):+d} agent-intervals ({min(more):+d} to {max(more):+d} in one)"
            many += f"; on a {weekday.capitalize()} {hours}"
    away = [f"{_percent(team.absence)} absent"] if team.absence else []
    away += [f"{_percent(team.shrinkage)} of their time off the phones"] if team.shrinkage else []
    away += [f"days differing in strength by {_percent(team.day_to_day_sd)}"] if team.day_to_day_sd else []
    away += [f"following a busy day's demand by {_percent(team.demand_elasticity)}"] if team.demand_elasticity else []
    return f"Team {name}: {many}" + (f", {', '.join(away)}" if away else "") + "."


def of_shift(shift: Shift) -> str:
    pauses = " and ".join(f"{clock(each.from_)}–{clock(each.to)}" for each in shift.breaks)
    return f"{shift.agents} agents {clock(shift.from_)}–{clock(shift.to)}" + (f" without {pauses}" if pauses else "")


def of_telephone(scenario: Scenario) -> list[str]:
    """Each option of the telephone system that is in use."""
    phone, sentences = scenario.telephone, []
    if phone.lines is not None:
        sentences.append(f"{phone.lines} lines; callers beyond them meet a busy tone.")
    if phone.agent_choice == "by chance":
        sentences.append("Any free agent of its teams takes a call, of any team.")
    if phone.nobody_working == "turn away":
        sentences.append("Who rings while no one of the teams works is turned away.")
    if menu := phone.menu:
        sentences.append(
            f"A menu: it helps {_percent(menu.self_service_share)} itself, {_percent(menu.hang_up)} hang up in it; its "
            f"length is {menu.length.words}{only(menu.types)}."
        )
    if heard := phone.announcement:
        place = " (calculated from their place)" if heard.announces == "position" else ""
        sentences.append(
            f"Callers are told the {heard.announces}: of those with less patience than the wait to expect{place} "
            f"{_percent(heard.balk_share)} leave at once, the others wait {_percent(heard.patience)} as long as before"
            f"{only(heard.types)}."
        )
    if phone.callback:
        sentences += of_callback(phone.callback)
    if message := phone.voicemail:
        after = duration_text(message.offered_after)
        sentences.append(
            f"Voicemail offered after {after}: {_percent(message.accepts)} leave a message{only(message.types)}."
        )
    if limit := phone.longest_wait:
        sentences.append(f"After {duration_text(limit.after)} a caller is {GIVEN_UP[limit.then]}{only(limit.types)}.")
    return sentences


GIVEN_UP = {"timed_out": "put out", "voicemail": "asked for a message", "overflowed": "sent on to another desk"}


def only(types: tuple[str, ...]) -> str:
    """Which types an option is for, where it is not for all."""
    return f"; only for {' and '.join(types)}" if types else ""


def of_callback(back: Callback) -> list[str]:
    """To whom a callback is offered, and what becomes of a promise."""
    offers = [f"after a wait of {duration_text(back.offered_after)}"] if back.offered_after is not None else []
    offers += (
        [f"where the wait to expect is {duration_text(back.offered_above)} or more"]
        if back.offered_above is not None
        else []
    )
    if back.offered_when_waiting is not None:
        offers.append(f"where {back.offered_when_waiting} or more of the type wait already")
    due = f", but after {duration_text(back.deadline)} before everybody" if back.deadline is not None else ""
    return [
        f"Callbacks are offered {' or '.join(offers)}: {_percent(back.accepts)} accept{only(back.types)}.",
        f"They are rung back when no one waits{due}: up to {back.max_attempts} tries, {_percent(back.reached)} of "
        f"tries reach the caller, a try in vain takes {duration_text(back.try_length)}, the next follows after "
        f"{duration_text(back.try_again_after)}.",
    ]


def of_callers(scenario: Scenario) -> list[str]:
    again, training, sentences = scenario.redials, scenario.training, []
    if again:
        patience = "the same patience" if again.patience == "same" else "patience drawn again"
        sentences.append(
            f"{_percent(again.after_abandoning)} call again after hanging up, {_percent(again.after_busy_tone)} after "
            f"a busy tone, up to {again.max_redials} times, with {patience}; the delay is {again.delay.words}."
        )
    if training.handling != 1 or training.inappropriate:
        sentences.append(
            f"Training: handling {_percent(training.handling)} of what it was, {_percent(training.inappropriate)} of "
            f"calls not made{only(training.types)}."
        )
    return sentences


HARDLY_ANY = 10.0
"""Seconds: a mean patience or handling time below this is more often a slip than meant."""


def doubtfully_short(scenario: Scenario) -> Iterator[str]:
    """Warnings of times that a person hardly meant: seconds where minutes were, most likely."""
    for name, each in scenario.types.items():
        if each.patience.mean < HARDLY_ANY:
            yield (
                f"Warning: callers of {name} are prepared to wait {duration_text(round(each.patience.mean, 1))} on "
                "average, "
                'so nearly all hang up at once. Expected a longer patience, like "3 min", unless that is meant.'
            )
        if uncut(scenario, name) < HARDLY_ANY:
            yield (
                f"Warning: a call of {name} takes an agent {duration_text(round(uncut(scenario, name), 1))} on "
                "average. "
                'Expected a longer time, like "5 min", unless that is meant.'
            )


def assumptions(scenario: Scenario) -> list[str]:
    """What a projection rests on: invented inputs, what the model leaves out, where no data support it."""
    notes = []
    if scenario.invented:
        notes.append(f"Invented, not measured: {', '.join(scenario.invented)}.")
    notes.append("Agents answer at once when free: no ringing. Callbacks and messages hold no line.")
    notes += [*cut_short(scenario), *doubtfully_short(scenario)]
    phone = scenario.telephone
    if phone.announcement or phone.callback or phone.voicemail or phone.menu:
        notes.append(
            "How callers take to announcements, callbacks, voicemail and menus is assumed: no log here has shown it."
        )
    if tails := [name for name, each in scenario.types.items() if "tail" in each.patience.table]:
        notes.append(f"Patience beyond the longest wait ever measured is assumed (the tail): {', '.join(tails)}.")
    if scenario.redials is None:
        notes.append("No one is assumed to call again; where callers do, calls and people differ.")
    return notes
