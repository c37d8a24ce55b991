"""What stands on every page: its title, whether the data are invented, what counts in words, where the log ends."""

from pathlib import Path

import streamlit as st

from kcas.dashboard import display, session, sidebar
from kcas.dashboard.session import Choice
from kcas.reporting import words

HERE = Path(__file__).parent
NEEDS_NO_CALLS = ("Data",)
SUPPOSES = ("What if", "Staffing", "Glossary")
"""Pages about no log: what the sidebar chooses would change nothing there."""


def page_header(title: str) -> bool:
    """Draw the top of a page. False where the page must wait for calls, which it then has said."""
    st.title(title, anchor=False)
    display.readable_buttons()
    if title in SUPPOSES:
        return True
    contents = session.contents()
    if any(batch.record.invented for batch in session.batches()):
        st.warning(
            "**Invented sample data.** No figure here says anything about a real desk.", icon=":material/science:"
        )
    for sentence in session.store().warnings():
        st.warning(display.plain(sentence), icon=":material/warning:")
    if contents is None:
        if title not in NEEDS_NO_CALLS:
            st.info("There are no calls yet. Upload a log from the telephone system first.", icon=":material/info:")
            st.page_link(HERE / "data.py", label="Upload a log", icon=":material/upload_file:")
        return title in NEEDS_NO_CALLS
    choice = sidebar.choose(contents)
    session.keep_choice(choice)
    what_counts(choice)
    return True


def what_counts(choice: Choice) -> None:
    """The definition in words, by its key and who publishes it so, and the calls it is made over."""
    rate = choice.definition.rate
    queues = (
        f"queues {words.listed([display.plain(queue) for queue in choice.queues])}" if choice.queues else "all queues"
    )
    st.markdown(
        f"**How this is counted:** {display.plain(choice.definition.words)}. `{rate.key}`, as published by "
        f"{display.plain(rate.published_by)}. Calls of {words.days(choice.first, choice.last)}, {queues}."
    )


def link_to_calls(label: str, **filters: str) -> None:
    """A link to the list of calls behind a number."""
    st.page_link(HERE / "calls.py", label=display.plain(label), icon=":material/list:", query_params=filters)


def link_to_words() -> None:
    """A link to what the words mean, beneath the choices in the sidebar."""
    st.sidebar.page_link(HERE / "glossary.py", label="Glossary", icon=":material/menu_book:")
