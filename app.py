"""The dashboard, for `streamlit run app.py`. `kcas dashboard` starts the same one."""

import streamlit as st

from kcas.dashboard import server
from kcas.dashboard.app import show_page

if __name__ == "__main__":  # a redraw
    show_page()
else:  # imported once, by `streamlit run`: what it serves
    app = st.App(server.APP, middleware=server.middleware())
