"""What does a scenario suppose, in words; and what must a reader of its results be told?"""

from kcas.simulation.layout import handling
from kcas.simulation.roster import Team
from kcas.simulation.scenario import CallType, Scenario
from kcas.simulation.setting import clock, spoken


def explained(scenario: Scenario) -> list[str]:
    """The scenario in sentences, a part at a time."""
    day, demand = scenario.day, scenario.demand
    lines = [
        f"Open from {clock(day.opens)} to {clock(day.closes)}; days simulated: {', '.join(day.weekdays)}.",
        f"At closing, who still queues: {AT_CLOSE[day.at_close]}.",
        f"{demand.calls_per_day:,.6g} callers on an average day"
        + (f", days differing by {demand.day_variation:.0%} beyond chance" if demand.day_variation else "")
        + (f", and in handling by {demand.handling_variation:.0%}." if demand.handling_variation else "."),
    ]
    lines += [of_type(scenario, name, each) for name, each in scenario.types.items()]
    lines += [of_team(name, team) for name, team in scenario.teams.items()]
    for name, work in scenario.other_work.items():
        kept = "takes" if work.kept else "is given up, and gives back"
        lines.append(f"Other work, {name}: {kept} {work.agents} agents of {work.team}.")
    return [*lines, *of_telephone(scenario), *of_callers(scenario)]


AT_CLOSE = {
    "wait on": "waits on for whoever is rostered",
    "cut off": "is cut off",
    "stay": "is served by agents who stay",
}


def of_type(scenario: Scenario, name: str, each: CallType) -> str:
    teams = " then ".join(each.teams) or "any team"
    helps = f", and after {spoken(each.overflow_after)} {' or '.join(each.overflow_to)}" if each.overflow_to else ""
    return (
        f"Calls from {name}: {each.share:.0%} of them, {spoken(round(handling(scenario, name)))} of an agent's time on "
        f"average; patience {each.patience.words}; priority {each.priority}; taken by {teams}{helps}."
    )


def of_team(name: str, team: Team) -> str:
    if team.agents is not None:
        many = f"{team.agents} agents all day"
    elif team.by_interval:
        many = f"{min(team.by_interval)} to {max(team.by_interval)} agents, by interval"
    else:
        many = ", ".join(f"{s.agents} agents {clock(s.from_)}–{clock(s.to)}" for s in team.shifts)
    away = [f"{team.absence:.0%} absent"] if team.absence else []
    away += [f"{team.shrinkage:.0%} of their time off the phones"] if team.shrinkage else []
    away += [f"days differing in strength by {team.day_variation:.0%}"] if team.day_variation else []
    away += [f"following a busy day's demand by {team.follows_demand:.0%}"] if team.follows_demand else []
    return f"Team {name}: {many}" + (f", {', '.join(away)}" if away else "") + "."


def of_telephone(scenario: Scenario) -> list[str]:
    phone, found = scenario.telephone, []
    if phone.lines is not None:
        found.append(f"{phone.lines} lines; callers beyond them meet a busy tone.")
    if phone.menu:
        found.append(f"A menu: it helps {phone.menu.serves:.0%} itself, {phone.menu.hang_up:.0%} hang up in it.")
    if phone.announcement:
        found.append(
            f"Callers are told the {phone.announcement.tells}: {phone.announcement.leave:.0%} of those with less "
            f"patience leave at once, the others wait {phone.announcement.patience:.0%} as long as before."
        )
    if phone.callback:
        found.append(
            f"Callbacks: {phone.callback.accepts:.0%} accept, up to {phone.callback.tries} tries, "
            f"{phone.callback.reached:.0%} of tries reach the caller."
        )
    if phone.voicemail:
        after = spoken(phone.voicemail.offered_after)
        found.append(f"Voicemail offered after {after}: {phone.voicemail.accepts:.0%} leave a message.")
    if phone.longest_wait:
        found.append(f"After {spoken(phone.longest_wait.after)} a caller is {phone.longest_wait.then}.")
    return found


def of_callers(scenario: Scenario) -> list[str]:
    again, training, found = scenario.redials, scenario.training, []
    if again:
        found.append(
            f"{again.after_abandoning:.0%} ring again after hanging up, {again.after_busy_tone:.0%} after a busy tone, "
            f"up to {again.times} times."
        )
    if training.handling != 1 or training.inappropriate:
        found.append(
            f"Training: handling {training.handling:.0%} of what it was, "
            f"{training.inappropriate:.0%} of calls not made."
        )
    return found


def assumptions(scenario: Scenario) -> list[str]:
    """What a projection rests on: invented inputs, what the model leaves out, where no data support it."""
    notes = []
    if scenario.invented:
        notes.append(f"Invented, not measured: {', '.join(scenario.invented)}.")
    notes.append("Agents answer at once when free: no ringing. Callbacks and messages hold no line.")
    if scenario.telephone.announcement or scenario.telephone.callback or scenario.telephone.voicemail:
        notes.append(
            "How callers take to announcements, callbacks and voicemail is supposed: no log here has shown it."
        )
    for name, each in scenario.types.items():
        if each.patience.table.get("law") == "empirical" and "tail" in each.patience.table:
            notes.append(f"Patience of {name} beyond the longest wait ever measured is supposed (its tail).")
    if scenario.redials is None:
        notes.append("Nobody is supposed to ring again; where callers do, calls and people differ.")
    return notes
