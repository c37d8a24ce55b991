"""Limits of the calculation: what of a scenario it cannot express, and what it leaves out."""

from kcas.errors import ScenarioError
from kcas.simulation.scenario.handling_time import trained
from kcas.simulation.scenario.schema import Scenario

PRIORITIES = (
    "Priorities are left out: callers are taken as they come. Here types of different priority also differ in patience "
    "or handling, so that the order in which they are taken changes how many hang up."
)


def order_matters(scenario: Scenario) -> bool:
    """Whether it changes the day's figures who is taken first: not where the types are alike but for their priority."""
    kinds = {
        (each.priority, repr([law and dict(law.table) for law in (each.talk, each.hold, each.wrap, each.patience)]),
         trained(scenario, name), each.handling_by_interval, each.patience_by_interval)
        for name, each in scenario.types.items()
    }  # fmt: skip
    return len({kind[0] for kind in kinds}) > 1 and len({kind[1:] for kind in kinds}) > 1


def refuse(scenario: Scenario) -> None:
    """Raises ScenarioError with the name of whatever theory cannot say."""
    phone, again = scenario.telephone, scenario.redials
    beyond = {
        "callers who ring again with the same patience": again and again.patience == "same",
        "an announcement": phone.announcement, "callbacks": phone.callback,
        "voicemail": phone.voicemail, "a longest wait": phone.longest_wait,
        "overflow to another team": any(each.overflow_to for each in scenario.types.values()),
        "teams that do not take every type": any(
            set(each.teams or scenario.teams) != set(scenario.teams) for each in scenario.types.values()
        ),
        "turning callers away where nobody works": phone.nobody_working == "turn away",
    }  # fmt: skip
    named = [name for name, used in beyond.items() if used]
    if named:
        raise ScenarioError(f"theory has no exact day for {', '.join(named)}. Simulate this scenario: kcas simulate.")
