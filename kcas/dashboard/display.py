"""Display of text from a log as text, and of an error as a sentence.

It is also the one door through which tables and charts reach Streamlit: see `libraries` for what would happen else.

Query parameters of a page: what a reload or a shared link must keep.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kcas.dashboard.libraries import arrow_table
from kcas.errors import KcasError
from kcas.jobs import TooManyJobs
from kcas.reporting import palettes
from kcas.reporting.charts import Chart

MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]()<>#+-.!|~$@&^='\""} | {"\n": " ", "\r": " "})
CARD = 235  # pixels: a card's name and "42 min 27 s" are read whole, and three fit beside a sidebar
COLON = re.compile(r"(?<!\d):|:(?!\d)")
"""A colon that is not a clock's: parted from what follows, or the name of an icon or a colour would become one."""


def plain(text: object) -> str:
    """Text from a log or a file name, shown as it stands: nothing in it is read as Markdown."""
    return COLON.sub(":\u2060", str(text).translate(MARKDOWN))


def note(text: str) -> None:
    """Small print, in the text's own colour: a caption's grey is too faint to read."""
    st.markdown(f":small[{plain(text)}]")


@contextmanager
def door() -> Iterator[None]:
    """Say what a person can put right, without a traceback."""
    try:
        yield
    except KcasError as error:
        st.error(plain(error), icon=":material/error:")
    except TooManyJobs as error:
        st.warning(plain(error), icon=":material/hourglass_top:")


def palette() -> palettes.Palette:
    """The chart colours for the reader's light."""
    return palettes.palette(st.context.theme.type)


def readable_buttons() -> None:
    """Dark words on a main button in the dark, where Streamlit writes white on its light blue: 8 to 1, not 2.2."""
    colours = palette()
    if colours is palettes.DARK:
        buttons = '[data-testid="stBaseButton-primary"]'
        st.html(
            f"<style>{buttons}:not(:disabled), {buttons}:not(:disabled) * {{ color: {colours.background} }}</style>"
        )


def cards(number: int) -> list[DeltaGenerator]:
    """So many framed places in a row, in rows of fewer where a card would be too narrow for its name and figure."""
    st.html(f"<style>.st-key-cards > * {{ min-width: min({CARD}px, 100%) }}</style>")
    row = st.container(horizontal=True, key="cards")
    return [row.container(border=True, width="stretch", height="stretch") for _ in range(number)]


def side_by_side(*, left: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places side by side, one above the other in a narrow window; the left one so many pixels wide."""
    row = st.container(horizontal=True, gap="medium")
    return row.container(width=left), row.container(width="stretch")


def asked_and_answered() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where a page's questions go and where its answer."""
    return side_by_side(left=240)


def table(frame: pl.DataFrame, *, key: str, alt: str, place: DeltaGenerator | None = None, **options: Any) -> Any:
    """Show a table on the page, or in a place of it; what was chosen in it, where `options` make it clickable."""
    show = place.dataframe if place else st.dataframe
    return show(arrow_table(frame), hide_index=True, key=key, alt=alt, **options)


def chart(drawn: Chart, *, key: str, alt: str, **options: Any) -> Any:
    """Show a chart; what was clicked in it, where `options` make it clickable."""
    return st.vega_lite_chart(specification(drawn), theme=None, key=key, alt=alt, **options)


def specification(chart: Chart) -> dict[str, Any]:
    """A chart as Streamlit takes it, its frames as Arrow tables."""
    return chart.spec | {"datasets": {name: arrow_table(frame) for name, frame in chart.frames.items()}}


def editor(frame: pl.DataFrame, *, key: str, alt: str, **options: Any) -> list[dict[str, Any]]:
    """Show a table to write in; its rows as they now stand."""
    edited = st.data_editor(arrow_table(frame), hide_index=True, key=key, alt=alt, **options)
    rows: list[dict[str, Any]] = edited.select(frame.columns).to_pylist()
    return rows


def thousands(table: pl.DataFrame) -> dict[str, Any]:
    """How the whole numbers of a table are written: with a comma between thousands, as in every sentence."""
    whole = [name for name, kind in table.schema.items() if kind.is_integer()]
    return {name: st.column_config.NumberColumn(format="%,d") for name in whole}


def chosen_in(event: Any) -> dict[str, Any]:
    """The one thing clicked in a chart, by its fields; empty where nothing is."""
    points = event.selection.get("chosen", []) if event else []
    return dict(points[-1]) if points else {}


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
