"""Page: agents needed to meet a target, shifts, and the effect of more agents."""

import streamlit as st

from kcas.calls.definitions import the_definition, the_service_level
from kcas.dashboard import display, job_progress, session, staffing_views
from kcas.dashboard.job_requests import SIMULATIONS
from kcas.simulation.scenario.assumptions import assumptions

standard = session.standard()
definition, level = the_definition(standard), the_service_level(standard)


top = st.container()
left, right = display.asked_and_answered()
with left:
    asked = staffing_views.choose(standard, within=level.within)
    st.button("Find the fewest agents", key="find", type="primary", icon=":material/play_arrow:",
              on_click=job_progress.at_click, args=(SIMULATIONS, "staffing", asked), width="stretch")  # fmt: skip
scenario = asked.scenario.checked
invented = " ".join(assumptions(scenario)[:1]) if scenario.invented else ""
top.warning(f"**MODEL, not observed.** {display.plain(invented)}".strip(), icon=":material/science:")
with right:
    staffing_views.search_result()
display.note(f"Abandoned: {definition.words} ({definition.rate.key}). Service level: {level.words}.")
