"""Widgets of the model page: days, roster, and how to test the fit."""

import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import streamlit as st

from kcas.dashboard import display, session
from kcas.dashboard import what_if_session as supposed
from kcas.dashboard.session import Choice
from kcas.errors import SettingError
from kcas.reporting import words

FITTED, TRIED = "fitted", "tried"
"""The two kinds of job, as the address names them."""
FILE = "own-desk.toml"
LARGEST_ROSTER = 1_000_000  # bytes
LEAST = 15  # days, of which fourteen are fitted to
WEEKLY, ONCE = "Each week", "Once"
NOTHING, ALL = "Nothing", "All but hang-ups"
GIVEN = {
    NOTHING: "As it would have been on the day before: nothing of the day is known.",
    ALL: "The queue model alone: the day's calls, handling and staff are given; only hang-ups are forecast.",
}


def fit(choice: Choice) -> None:
    """Ask for a fit to what the sidebar chose."""
    chosen_in_words(choice)
    roster = choose_roster()
    st.button("Fit the model", key="fit", type="primary", icon=":material/play_arrow:", width="stretch",
              on_click=start_command, args=(FITTED, "calibrate", choice, ()),
              kwargs={"roster": roster, "made": {"--out": FILE}})  # fmt: skip


def backtest_form(choice: Choice) -> None:
    """Form for a back-test: forecasts of past days, compared with what was observed."""
    chosen_in_words(choice)
    if (choice.last - choice.first).days < LEAST:
        st.info("There must be days to fit to and days to forecast. Choose four weeks or more in the sidebar.")
        return
    how = st.segmented_control("Fitted", [WEEKLY, ONCE], default=WEEKLY, required=True, key="how_fitted",
                               bind="query-params")  # fmt: skip
    options = ["--rolling", "week"] if how == WEEKLY else ["--fit-until", str(choose_day(choice))]
    if how == WEEKLY:
        display.note("The first four weeks are fitted to; each later week is forecast from all the days before it.")
    given = st.segmented_control("Given of each day", list(GIVEN), default=NOTHING, required=True, key="given_of_day",
                                 bind="query-params")  # fmt: skip
    display.note(GIVEN[given])
    if given == ALL:
        options += ["--given", "volume,handling,staff"]
    roster = choose_roster()
    st.button("Try it on past days", key="try_it", type="primary", icon=":material/play_arrow:", width="stretch",
              on_click=start_command, args=(TRIED, "backtest", choice, options), kwargs={"roster": roster})  # fmt: skip


def chosen_in_words(choice: Choice) -> None:
    """Which calls, and where to choose others."""
    display.note(f"Calls of {words.days(choice.first, choice.last)}, {queues(choice)}. Choose others in the sidebar.")


def queues(choice: Choice) -> str:
    """The queues in words."""
    return f"queues {words.listed(list(choice.queues))}" if choice.queues else "all queues"


def choose_day(choice: Choice) -> date:
    """The first day that is forecast rather than fitted to."""
    length = (choice.last - choice.first).days
    return st.date_input(
        "First day to forecast", value=choice.first + timedelta(days=max(LEAST - 1, 3 * length // 4)),
        min_value=choice.first + timedelta(days=LEAST - 1), max_value=choice.last, format="DD/MM/YYYY",
        key=f"first_foretold_{choice.first}_{choice.last}",
    )  # fmt: skip


def choose_roster() -> str:
    """A roster as text; empty where staff are read off who took calls."""
    handed = st.file_uploader("Roster, if there is one (CSV: day, from, to, agents)", type="csv", key="own_roster",
                              max_upload_size=1)  # fmt: skip
    if handed is None:
        display.note("Without a roster, who was on duty is inferred from who took calls when, and breaks are guessed.")
        return ""
    content = handed.getvalue()
    if len(content) > LARGEST_ROSTER:
        raise SettingError(f"{handed.name}: larger than {LARGEST_ROSTER:,} bytes. A roster is a few pages of text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingError(f"{handed.name}: not UTF-8 text. Save it as CSV UTF-8.") from None


def start_command(
    kind: str,
    command: str,
    choice: Choice,
    options: Sequence[str],
    *,
    roster: str,
    made: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Start the command on what is chosen: at the click, before the page is drawn again."""
    asked = {"first": str(choice.first), "last": str(choice.last), "queues": list(choice.queues),
             "roster": bool(roster)}  # fmt: skip
    beside = {"--roster": roster} if roster else {}
    try:
        supposed.start(
            kind, [], command=command, options=[*options, *which(choice)], asked=asked, beside=beside, made=made
        )
    except RuntimeError as error:
        st.error(display.plain(error))


def which(choice: Choice) -> list[str]:
    """The options that say which store, which standard and which calls."""
    standard, zone = os.environ.get("KCAS_STANDARD", ""), os.environ.get("KCAS_ZONE", "")
    return [
        "--store", str(session.store().folder.resolve()),
        *(["--standard", str(Path(standard).resolve())] if standard else []),
        *(["--zone", zone] if zone else []),
        "--since", str(choice.first), "--until", str(choice.until),
        *(word for queue in choice.queues for word in ("--queue", queue)),
    ]  # fmt: skip
