"""Charts of forecasts against what happened."""

import altair as alt
import polars as pl

from kcas.reporting import words
from kcas.reporting.charts import day_axis, styled
from kcas.reporting.palettes import Palette

INSIDE, BEYOND, FORETOLD = (
    "Observed",
    "Observed, outside the 95% interval",
    "Foretold (MODEL), with 80% and 95% interval",
)
KINDS = [INSIDE, BEYOND, FORETOLD]
WIDE = 640.0  # pixels that the days share, about: marks shrink where there are many, or bars would hide each other
NAMED = 12
"""Days outside that the words name; more are counted."""


def daily(days: pl.DataFrame, *, palette: Palette, height: int = 300) -> alt.LayerChart:
    """Bars from low to high as foretold, broad for 80% and thin for 95%, and a mark for what came.

    Needs what `backtest_tables.frame` makes.
    """
    observed = pl.when("inside").then(pl.lit(INSIDE)).otherwise(pl.lit(BEYOND))
    rows = pl.concat(
        [
            days.with_columns(which=observed, value="rate"),
            days.with_columns(which=pl.lit(FORETOLD), value="middle"),
        ]
    )
    each = WIDE / max(1, (days["day"][-1] - days["day"][0]).days)
    thin, broad, size = min(1.4, 0.5 * each), min(5.0, 0.9 * each), min(52.0, 10 + 6 * each)
    inks = [palette.text, palette.abandoned, palette.answered]
    base = alt.Chart(rows).encode(
        x=day_axis(days["day"]),
        tooltip=[
            alt.Tooltip("when:N", title="Day"),
            alt.Tooltip("rate_text:N", title="Observed"),
            alt.Tooltip("halves:N", title="Abandoned of offered"),
            alt.Tooltip("middle_text:N", title="Foretold (model)"),
            alt.Tooltip("interval80:N", title="80% interval"),
            alt.Tooltip("interval95:N", title="95% interval"),
        ],
    )
    bars = base.transform_filter(alt.datum.which == FORETOLD)
    legend = alt.Legend(orient="top", direction="horizontal", columns=2)
    marks = base.mark_point(filled=True, opacity=1, size=size).encode(
        y=alt.Y("value:Q", title="Abandoned, of offered", axis=alt.Axis(format=".0%", tickCount=5),
                scale=alt.Scale(zero=True)),
        color=alt.Color("which:N", sort=KINDS, title=None, legend=legend, scale=alt.Scale(domain=KINDS, range=inks)),
        shape=alt.Shape("which:N", sort=KINDS, title=None, legend=legend,
                        scale=alt.Scale(domain=KINDS, range=["circle", "triangle-up", "square"])),
    )  # fmt: skip
    layers = alt.layer(
        bars.mark_rule(color=palette.answered, strokeWidth=thin).encode(y="low95:Q", y2="high95:Q"),
        bars.mark_rule(color=palette.answered, strokeWidth=broad, opacity=0.45).encode(y="low80:Q", y2="high80:Q"),
        marks,
    )
    return styled(layers.properties(height=height), palette)


def daily_words(days: pl.DataFrame) -> str:
    """The same for those who cannot see it."""
    low, high = days["rate"].min(), days["rate"].max()
    outside = days.filter(~pl.col("inside"))["when"].to_list()
    named = words.listed(outside[:NAMED]) + (" and others" if len(outside) > NAMED else "") if outside else "none"
    return (
        f"Daily abandonment rate, observed and foretold by the model, {words.days(days['day'][0], days['day'][-1])}: "
        f"observed from {words.percent(float(low))} to {words.percent(float(high))}. "  # type: ignore[arg-type]
        f"Days outside the 95% interval: {len(outside)} of {days.height} ({named})."
    )
