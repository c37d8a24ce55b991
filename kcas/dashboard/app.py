"""Navigation of the dashboard: its pages, their addresses and the page that is asked for."""

from pathlib import Path

import streamlit as st

from kcas.dashboard import display, page_frame, server, session

HERE = Path(__file__).parent


def run() -> None:
    """Show the page that the address names. Streamlit calls this again for each click."""
    page = st.navigation(
        [
            st.Page(HERE / "overview.py", title="Overview", default=True),
            st.Page(HERE / "trend.py", title="Trend", url_path="moved"),
            st.Page(HERE / "waiting.py", title="Waiting", url_path="waits"),
            st.Page(HERE / "calls.py", title="Calls"),
            st.Page(HERE / "what_if.py", title="What if"),
            st.Page(HERE / "staffing.py", title="Staffing", url_path="staff"),
            st.Page(HERE / "model.py", title="Model", url_path="own_model"),
            st.Page(HERE / "evidence.py", title="Evidence"),
            st.Page(HERE / "data.py", title="Data", url_path="logs"),
            st.Page(HERE / "glossary.py", title="Glossary", url_path="words_used"),
        ]
    )
    st.set_page_config(page_title=f"{page.title} · Abandoned calls", page_icon=HERE / "icon.svg", layout="wide")
    if page.title != "Calls":
        session.forget(session.CALLS_FILTERS)
    with display.door():
        ready = page_frame.page_header(page.title)
        page_frame.link_to_words()
        if ready:
            page.run()


if __name__ == "__main__":  # a redraw
    run()
elif __name__ == "app":  # imported once, by `streamlit run kcas/dashboard/app.py`: what it serves
    app = st.App(__file__, middleware=server.middleware())
