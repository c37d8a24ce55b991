"""Page: the effect of more agents, fewer calls or a new telephone system; calculated, then simulated."""

import streamlit as st

from kcas.calls.definitions import the_definition, the_service_level
from kcas.dashboard import display, session, what_if_session, what_if_views
from kcas.dashboard import what_if_session as supposed
from kcas.queueing.scenario_day import ExactDay
from kcas.reporting import projection, what_if, words
from kcas.simulation.scenario.assumptions import assumptions
from kcas.simulation.scenario.changes import changed
from kcas.simulation.scenario.difference import differences
from kcas.simulation.scenario.file import scenario_of

VIEWS = {
    "Simulate": what_if_views.simulated,
    "Save and load": what_if_views.files,
    "Compare several": what_if_views.several,
    "Two changes at once": what_if_views.swept,
    "Watch a day": what_if_views.watched_day,
}

standard, colours = session.standard(), display.palette()
definition, level = the_definition(standard), the_service_level(standard)


def _cards(before: ExactDay | str, after: ExactDay | str) -> None:
    """What theory expects, as it is and what if, each rate with its halves."""
    for card, (name, day) in zip(display.cards(2), (("As it is", before), ("What if", after)), strict=True):
        with card:
            if isinstance(day, str):
                st.metric(name, words.NOT_AVAILABLE)
                display.note(day)
                display.note("Press Simulate below: a simulation covers what the formulas cannot.")
                continue
            total = day.total
            st.metric(f"{name}, abandoned", words.percent(total.rate))
            offered = total.arrivals - total.blocked
            display.note(f"{total.abandoned:,.1f} of {offered:,.1f} calls offered a day, expected (all_offered)")
            display.note(
                f"Mean wait {words.duration(total.mean_wait)}; agents {words.percent(total.occupancy, places=0)} of "
                "their time on calls"
            )


def exact_preview(before: ExactDay | str, after: ExactDay | str, changes: list[str]) -> None:
    """The exact preview: a sentence, two cards, and the day half-hour by half-hour."""
    if isinstance(before, ExactDay) and isinstance(after, ExactDay):
        said = projection.exact_sentence(changes, before=before.total.rate, after=after.total.rate)
        st.markdown(f"## {display.plain(said)}")
    _cards(before, after)
    days = {"As it is": before, "What if": after}
    points = projection.exact_rates({name: day for name, day in days.items() if isinstance(day, ExactDay)})
    if not points.is_empty():
        chart = what_if.projected_half_hours(points, title="Share abandoned", share=True, palette=colours, height=220)
        said = projection.points_words(points)
        display.chart(chart, key="foreseen", alt=said)
    notes = next((day.notes for day in days.values() if isinstance(day, ExactDay)), ())
    with st.expander("Assumptions", key="supposes"):
        for note in notes:
            display.note(note)


st.warning(
    f"**MODEL, not observed.** {display.plain(' '.join(assumptions(start.scenario)[:1]))}"
    if (start := what_if_session.choose_baseline()) and start.scenario.invented
    else "**MODEL, not observed.**",
    icon=":material/science:",
)
left, right = display.asked_and_answered()
with left:
    change = what_if_session.choose(start)
after_tables = changed(start, change)
after = scenario_of(after_tables, where="what if")
changes = differences(start.scenario, after)
with right:
    exact_preview(
        supposed.exact_forecast(start.tables, within=level.within),
        supposed.exact_forecast(after_tables, within=level.within),
        changes,
    )
    if changes:  # what the days have shown is read from every call that is stored
        what_if_views.unsupported(supposed.range_warnings(after, baseline=start.scenario))
display.note(f"Simulated rates: {definition.words} ({definition.rate.key}). Service level: {level.words}.")
view = st.segmented_control(
    "And then", list(VIEWS), default="Simulate", required=True, key="view", bind="query-params",
    label_visibility="collapsed",
)  # fmt: skip
VIEWS[view](what_if_views.Supposed(start, change, after_tables, after, changes))
with st.expander("Assumptions", key="rests"):
    for line in assumptions(after):
        display.note(line)
