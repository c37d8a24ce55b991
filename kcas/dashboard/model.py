"""Page: the model fitted to this contact centre's log, and its accuracy on past days."""

import streamlit as st

from kcas.dashboard import display, model_views, session
from kcas.reporting import calibration_tables

FIT, TRIED = "Fit", "Was it right before?"

st.warning(f"**MODEL, not observed.** {display.plain(calibration_tables.FITTED)}", icon=":material/science:")
choice = session.choice()
part = st.segmented_control("Part", [FIT, TRIED], default=FIT, required=True, key="part", bind="query-params",
                            label_visibility="collapsed")  # fmt: skip
left, right = display.asked_and_answered()
if part == FIT:
    with left:
        model_views.fit(choice)
    with right:
        model_views.show_fit(choice)
else:
    with left:
        model_views.backtest_form(choice)
    with right:
        model_views.backtest_result(choice)
display.note(calibration_tables.COUNTS)
