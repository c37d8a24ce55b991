"""Query parameters of a page: what a reload or a shared link must keep."""

from collections.abc import Collection

import streamlit as st


def set_job(key: str, name: str) -> None:
    """Keep the name of the job of this key that the visitor follows; an empty one lets go of it."""
    st.session_state[key] = name
    if name:
        st.query_params[key] = name
    elif key in st.query_params:
        del st.query_params[key]


def current_job(key: str) -> str:
    """The job of this key that the visitor follows, from the address or from before; empty where there is none."""
    found = str(st.query_params.get(key) or st.session_state.get(key, ""))
    if found and key not in st.query_params:
        set_job(key, found)
    return found


def suggest_named(key: str, options: Collection[str]) -> bool:
    """Give a widget the option that the address names by its key, as commands do; whether it names one.

    Streamlit binds the words shown (`by=Weeks`) and takes anything else (`by=week`) out of the address without a word.
    """
    named = st.query_params.get(key, "")
    if named not in options or key in st.session_state:
        return False
    st.session_state[key] = named
    return True
