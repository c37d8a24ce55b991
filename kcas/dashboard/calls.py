"""Page: the calls behind a figure."""

from datetime import date

import streamlit as st

from kcas.calls.call import OUTCOMES
from kcas.calls.drill_down import BOTTOM, TOP, Slice
from kcas.dashboard import display, session
from kcas.reporting import call_list, words
from kcas.reporting.call_list import EVERY_CALL

SHOW = {
    "counted as lost": TOP,
    "all the rate is made over": BOTTOM,
    "every call": EVERY_CALL,
    **{outcome.replace("_", " "): outcome for outcome in OUTCOMES},
}
ANY = "any"
HALF_HOURS = [words.clock(1800 * number) for number in range(48)]

choice, contents = session.choice(), session.contents()


def _choose() -> tuple[str, Slice]:
    """The page's own filters; charts on other pages link here with them set."""
    what, when, weekday, time, waited = st.columns([3, 2, 2, 2, 2])
    show = what.selectbox("Show", list(SHOW), key="show", bind="query-params")
    day: date | None = when.date_input(
        "Only this day", value=None, min_value=choice.first, max_value=choice.last, key="on", bind="query-params",
        format="DD/MM/YYYY",
    )  # fmt: skip
    name = weekday.selectbox("Weekday", [ANY, *words.WEEKDAYS], key="weekday", bind="query-params")
    start = time.selectbox("Half-hour from", [ANY, *HALF_HOURS], key="time", bind="query-params")
    least = waited.number_input(
        "Waited at least (seconds)", min_value=0.0, value=0.0, step=10.0, format="%g", key="waited", bind="query-params"
    )
    number = words.WEEKDAYS.index(name) + 1 if name != ANY else None
    return show, Slice(day=day, weekday=number, half_hour=start if start != ANY else None, waited=least)


named, part = _choose()
_show = SHOW[named]
found = session.calls_behind(choice, _show, part)
display.note(call_list.behind_words(found, what=named))
if not found.listed:
    st.info("No call matches. Choose a longer period or another queue in the sidebar, or clear a filter above.")
else:
    display.table(
        found.latest,
        key="calls",
        height=620 if found.latest.height > 16 else "content",
        placeholder="",
        alt="The calls behind the number",
    )
    if found.listed > found.latest.height:
        display.note(f"The latest {words.count(found.latest.height)} are shown; the file holds them all.")
    st.download_button(
        f"Download these {words.count(min(found.listed, call_list.MOST_ROWS))} calls (CSV)",
        lambda: session.call_file(choice, _show, part),
        file_name=f"calls-{choice.first}-{choice.last}-{_show}.csv",
        mime="text/csv",
        key="download_calls",
        on_click="ignore",
        icon=":material/download:",
    )
for said in session.not_to_be_listed(choice):
    display.note(said)
