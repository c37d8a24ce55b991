"""What is this desk like by its own log, as a model, and would that model have been right about days gone by?"""

import streamlit as st

from kcas.dashboard import own_model_controls, own_model_views, session, showing
from kcas.dashboard import what_if_session as supposed
from kcas.evidence import calibration_tables

FIT, TRIED = "Fit", "Was it right before?"

supposed.get_ready()
st.warning(f"**MODEL, not observed.** {showing.plain(calibration_tables.FITTED)}", icon=":material/science:")
choice = session.choice()
part = st.segmented_control("Part", [FIT, TRIED], default=FIT, required=True, key="part", bind="query-params",
                            label_visibility="collapsed")  # fmt: skip
left, right = showing.asked_and_answered()
if part == FIT:
    with left:
        own_model_controls.fit(choice)
    with right:
        own_model_views.fitted(choice)
else:
    with left:
        own_model_controls.tried(choice)
    with right:
        own_model_views.tried(choice)
showing.note(calibration_tables.COUNTS)
