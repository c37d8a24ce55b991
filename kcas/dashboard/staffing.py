"""Page: agents needed to meet a target, shifts, and the effect of more agents."""

import streamlit as st

from kcas.calls.definitions import the_definition, the_service_level
from kcas.dashboard import display, session, staffing_views
from kcas.dashboard import what_if_session as supposed
from kcas.simulation.scenario.assumptions import assumptions

supposed.get_ready()
standard = session.standard()
definition, level = the_definition(standard), the_service_level(standard)


def start_search(asked: staffing_views.StaffingRequest) -> None:
    """Start to look: at the click, before the page is drawn again."""
    said = {"scenario": asked.start.name, "bought": asked.bought}
    beside = {"--shifts": asked.shifts} if asked.shifts else {}
    try:
        supposed.start(
            "staffing", [asked.start.tables], command="staff", options=asked.options, asked=said, beside=beside
        )
    except RuntimeError as error:
        st.error(display.plain(error))


top = st.container()
left, right = display.asked_and_answered()
with left:
    asked = staffing_views.choose(level.within)
    st.button("Find the fewest agents", key="find", type="primary", icon=":material/play_arrow:", on_click=start_search,
              args=(asked,), width="stretch")  # fmt: skip
invented = " ".join(assumptions(asked.start.scenario)[:1]) if asked.start.scenario.invented else ""
top.warning(f"**MODEL, not observed.** {display.plain(invented)}".strip(), icon=":material/science:")
with right:
    staffing_views.search_result()
display.note(f"Abandoned: {definition.words} ({definition.rate.key}). Service level: {level.words}.")
