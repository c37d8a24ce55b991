"""Navigation of the dashboard: its pages, their addresses and the page that is asked for."""

from pathlib import Path

import streamlit as st

from kcas.dashboard import display, page_frame, server, session

_HERE = Path(__file__).parent


def show_page() -> None:
    """Show the page that the address names. Streamlit calls this again for each click."""
    page = st.navigation(
        [
            st.Page(_HERE / "overview.py", title="Overview", default=True),
            st.Page(_HERE / "trend.py", title="Trend", url_path="moved"),
            st.Page(_HERE / "waiting.py", title="Waiting", url_path="waits"),
            st.Page(_HERE / "calls.py", title="Calls"),
            st.Page(_HERE / "forecast.py", title="Forecast"),
            st.Page(_HERE / "what_if.py", title="What if"),
            st.Page(_HERE / "staffing.py", title="Staffing", url_path="staff"),
            st.Page(_HERE / "model.py", title="Model", url_path="own_model"),
            st.Page(_HERE / "evidence.py", title="Evidence"),
            st.Page(_HERE / "data.py", title="Data", url_path="logs"),
            st.Page(_HERE / "glossary.py", title="Glossary", url_path="words_used"),
        ]
    )
    st.set_page_config(page_title=f"{page.title} · Abandoned calls", page_icon=_HERE / "icon.svg", layout="wide")
    if page.title != "Calls":
        session.forget(session.CALLS_FILTERS)
    with display.door():
        session.look_again()
        ready = page_frame.page_header(page.title)
        page_frame.link_to_words()
        if ready:
            page.run()


if __name__ == "__main__":  # a redraw
    show_page()
elif __name__ == "app":  # imported once, by `streamlit run kcas/dashboard/app.py`: what it serves
    app = st.App(__file__, middleware=server.middleware())
