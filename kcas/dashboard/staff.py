"""How many agents keep the desk at target, on which shifts, and what would more of them buy?"""

import streamlit as st

from kcas.calls.definitions import the_definition, the_service_level
from kcas.dashboard import session, showing, staff_controls, staff_views
from kcas.dashboard import what_if_session as supposed
from kcas.simulation.explanation import assumptions

supposed.get_ready()
standard = session.standard()
definition, level = the_definition(standard), the_service_level(standard)


def begin(asked: staff_controls.Asked) -> None:
    """Start to look: at the click, before the page is drawn again."""
    said = {"scenario": asked.start.name, "bought": asked.bought}
    beside = {"--shifts": asked.shifts} if asked.shifts else {}
    try:
        supposed.start(
            "staffing", [asked.start.tables], command="staff", options=asked.options, asked=said, beside=beside
        )
    except RuntimeError as error:
        st.error(showing.plain(error))


top = st.container()
left, right = showing.asked_and_answered()
with left:
    asked = staff_controls.choose(level.within)
    st.button("Find the fewest agents", key="find", type="primary", icon=":material/play_arrow:", on_click=begin,
              args=(asked,), width="stretch")  # fmt: skip
invented = " ".join(assumptions(asked.start.scenario)[:1]) if asked.start.scenario.invented else ""
top.warning(f"**MODEL, not observed.** {showing.plain(invented)}".strip(), icon=":material/science:")
with right:
    staff_views.followed()
showing.note(f"Abandoned: {definition.words} ({definition.rate.key}). Service level: {level.words}.")
