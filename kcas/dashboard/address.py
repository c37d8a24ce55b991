"""What stands in the address as well as in the session, so that a reload and a colleague find it? A job's name."""

import streamlit as st


def keep(key: str, name: str) -> None:
    """Keep the name of the job of this key that the visitor follows; an empty one lets go of it."""
    st.session_state[key] = name
    if name:
        st.query_params[key] = name
    elif key in st.query_params:
        del st.query_params[key]


def kept(key: str) -> str:
    """The job of this key that the visitor follows, from the address or from before; empty where there is none."""
    found = str(st.query_params.get(key) or st.session_state.get(key, ""))
    if found and key not in st.query_params:
        keep(key, found)
    return found
