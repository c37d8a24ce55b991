"""The dashboard's pages, what counts at the side, and the page that is asked for."""

from pathlib import Path

import streamlit as st

from kcas.dashboard import every_page, server, session, showing

HERE = Path(__file__).parent


def run() -> None:
    """Show the page that the address names. Streamlit calls this anew for each click."""
    page = st.navigation(
        [
            st.Page(HERE / "today.py", title="Today and lately", default=True),
            st.Page(HERE / "moved.py", title="Has it moved?"),
            st.Page(HERE / "waits.py", title="Waits"),
            st.Page(HERE / "calls.py", title="Calls"),
            st.Page(HERE / "what_if.py", title="What if"),
            st.Page(HERE / "staff.py", title="Staff"),
            st.Page(HERE / "own_model.py", title="The desk's own model"),
            st.Page(HERE / "evidence.py", title="Evidence"),
            st.Page(HERE / "logs.py", title="Logs"),
            st.Page(HERE / "words_used.py", title="Words used"),
        ]
    )
    st.set_page_config(page_title=f"{page.title} · Abandoned calls", page_icon=HERE / "icon.svg", layout="wide")
    if page.title != "Calls":
        session.forget(session.CALLS_FILTERS)
    with showing.door():
        ready = every_page.begin(page.title)
        every_page.link_to_words()
        if ready:
            page.run()


if __name__ == "__main__":  # a redraw
    run()
elif __name__ == "app":  # imported once, by `streamlit run kcas/dashboard/app.py`: what it serves
    app = st.App(__file__, middleware=server.middleware())
