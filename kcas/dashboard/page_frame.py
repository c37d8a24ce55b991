"""What stands on every page: its title, whether the data are invented, what counts in words, where the log ends.

Sidebar: the definition and the selection of calls that every page uses.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import streamlit as st

from kcas.calls.definitions import (
    RATES,
    SERVICE_LEVELS,
    Definition,
    ServiceLevel,
    the_definition,
    the_service_level,
)
from kcas.calls.query import the_queues_named
from kcas.dashboard import display, session
from kcas.dashboard.session import Choice
from kcas.desk.standard import Standard
from kcas.errors import SettingError
from kcas.reporting import words
from kcas.reporting.coverage import Contents

PERIODS = {"4 weeks": 28, "13 weeks": 91, "52 weeks": 364, "Everything": None, "Chosen days": None}
"""The last so many days up to the last one that is over; thirteen weeks hold every page inside two seconds."""
USUAL = "13 weeks"


def _choose(contents: Contents) -> Choice:
    """The sidebar's widgets and what they choose."""
    standard = session.standard()
    with st.sidebar:
        first, last = choose_days(contents)
        refuse_unknown(st.query_params.get_all("queue"), known=contents.queues)
        queues = st.multiselect(
            "Queues",
            contents.queues,
            key="queue",
            bind="query-params",
            placeholder="All queues",
        )
        st.header("How this is counted", divider="gray")
        definition = choose_definition(standard)
        level = choose_service_level(standard)
    return Choice(definition, level, tuple(queues), first, last)


def refuse_unknown(queues: Sequence[str], *, known: Sequence[str]) -> None:
    """Say of a queue in the address that the store does not know what a command says of it; all are shown then."""
    try:
        the_queues_named(queues, known=known, where="Address")
    except SettingError as error:
        st.warning(display.plain(f"{error} No queue is chosen by that name."), icon=":material/warning:")


def choose_days(contents: Contents) -> tuple[date, date]:
    """The period, ending with the last day of the log."""
    begin, end = contents.first_day, contents.last_day
    period = st.selectbox("Period", list(PERIODS), index=list(PERIODS).index(USUAL), key="period", bind="query-params")
    if period == "Chosen days":
        start = max(begin, end - timedelta(days=90))
        chosen = st.date_input(
            "Days",
            value=(start, end),
            min_value=begin,
            max_value=end,
            key="days",
            bind="query-params",
            format="DD/MM/YYYY",
        )
        first, last = (chosen[0], chosen[-1]) if isinstance(chosen, tuple) and chosen else (start, end)
    else:
        length = PERIODS[period]
        first, last = (max(begin, end - timedelta(days=length - 1)) if length else begin), end
    display.note(words.days(first, last))
    return first, last


def choose_definition(standard: Standard) -> Definition:
    """The abandonment definition, with its threshold where it has one. Its key is in the address: words may change."""
    key = st.selectbox(
        "Abandonment rate",
        list(RATES),
        index=list(RATES).index(standard.definition),
        key="definition",
        bind="query-params",
        help="Whose definition the rate is made by. The same calls give rates two to ten times apart.",
    )
    usual = the_definition(standard, key=key)
    display.note(usual.formula)
    if usual.short is None or usual.rate.fixed:
        return usual
    short = st.number_input(
        "An abandon is short up to (seconds)",
        min_value=0.0, max_value=600.0, value=float(usual.short), step=1.0, format="%g",
        key=f"short_{key}", bind="query-params",
    )  # fmt: skip
    equal = st.toggle(
        "A wait of exactly that long is short", value=usual.equal_is_short, key=f"equal_{key}", bind="query-params"
    )
    return Definition(key, short=short, equal_is_short=equal)


def choose_service_level(standard: Standard) -> ServiceLevel:
    """The service level's rule and time."""
    key = st.selectbox(
        "Service level",
        list(SERVICE_LEVELS),
        index=list(SERVICE_LEVELS).index(standard.service_level),
        key="service_level",
        bind="query-params",
    )
    within = st.number_input(
        "Answered within (seconds)",
        min_value=1.0, max_value=3600.0, value=standard.within, step=5.0, format="%g",
        key="within", bind="query-params",
    )  # fmt: skip
    chosen = the_service_level(standard, key=key, within=within)
    display.note(chosen.words)
    return chosen


_HERE = Path(__file__).parent
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
            st.info("There are no calls yet. There are three ways to begin.", icon=":material/info:")
            st.page_link(_HERE / "data.py", label="Upload a log of any format", icon=":material/upload_file:")
            st.markdown(OTHER_WAYS)
        return title in NEEDS_NO_CALLS
    choice = _choose(contents)
    session.keep_choice(choice)
    what_counts(choice)
    return True


OTHER_WAYS = """
- **Watch a folder.** `kcas watch FOLDER` imports each log that your telephone system puts there.
- **Try the demo.** `kcas demo` opens an invented year of a desk.
"""
"""What a page without calls offers besides an upload."""


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
    st.page_link(_HERE / "calls.py", label=display.plain(label), icon=":material/list:", query_params=filters)


def link_to_words() -> None:
    """A link to what the words mean, beneath the choices in the sidebar."""
    st.sidebar.page_link(_HERE / "glossary.py", label="Glossary", icon=":material/menu_book:")
