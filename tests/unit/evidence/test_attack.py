"""What can a reader of a public pack work out? One takes every count it shows, in any file, and solves for the rest."""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from scipy.optimize import linprog

from kcas.calls.store import Store
from kcas.desk.standard import read_standard
from kcas.evidence.facts import Inputs, PackRequest
from kcas.evidence.folder import make
from tests.pages.conftest import keep

FIRST, CHANGED = date(2010, 1, 4), date(2010, 4, 5)  # Mondays
WEEKS = 26
BANDS = (3.0, 12.0, 25.0, 45.0, 90.0)
"""Waits on either side of 5, 20, 30 and 60 s, where definitions and the service level tell calls apart."""
Kind = tuple[str, str, int]  # a place, an outcome, a band
Sum = tuple[str, dict[Kind, float], object]  # what is told, of which calls, and the cell


def log_of(case: str) -> Iterator[tuple[int, str, str, float]]:
    """Calls: the week, the queue, the outcome and the wait."""
    dice = random.Random(case)
    for week in range(WEEKS):
        few, spread = (1 if week in (2, 7, 11) else 0), dice.randint(20, 30)
        lost = {"three lost before": few if week < 13 else spread, "one poor week": 3 if week == 20 else spread,
                "a small queue": spread, "few late": spread}[case]  # fmt: skip
        for n in range(200):
            gone = n < lost
            late = 4 if case != "few late" else 3
            wait = BANDS[dice.randrange(1, late + 1)] if gone else BANDS[dice.randrange(5)]
            if case == "few late" and gone and week in (3, 17) and n == 0:
                wait = BANDS[4]
            yield week, "main", "abandoned" if gone else "answered", wait
        if case == "a small queue" and week % 5 == 0:
            yield week, "small", "answered", 3.0
            yield from ((week, "small", "abandoned", 45.0) for _ in range(2 if week == 5 else 0))
            yield from ((week, "small", "answered", 12.0) for _ in range(7))


@pytest.fixture(scope="module", params=["three lost before", "one poor week", "a small queue", "few late"])
def pack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A public pack of 26 weeks, all of whose calls came on Mondays, within one hour."""
    rows: list[dict[str, object]] = []
    for number, (week, queue, outcome, wait) in enumerate(log_of(request.param)):
        monday = FIRST + timedelta(weeks=week)
        entered = datetime(monday.year, monday.month, monday.day, 12, number % 60, tzinfo=UTC)
        rows.append(
            {"leg": str(number), "contact": str(number), "queue": queue, "outcome": outcome, "entered": entered,
             "wait": wait, "talk": 60.0 if outcome == "answered" else None, "caller": f"c{number}", "line": number + 2}
        )  # fmt: skip
    folder = tmp_path_factory.mktemp("log") / "store"
    keep(folder, rows, name="log.csv")
    return make(Store(folder), PackRequest(CHANGED, days=2), Inputs(), standard=read_standard(None))[1]


def rows_of(pack: dict[str, bytes], key: str) -> list[dict[str, object]]:
    found = json.loads(pack["figures.json"])["tables"].get(key, {"columns": [], "rows": []})
    headings = [column["heading"] for column in found["columns"]]
    return [dict(zip(headings, row, strict=True)) for row in found["rows"]]


def calls(places: list[str], outcome: str, bands: range = range(5), times: float = 1.0) -> dict[Kind, float]:
    return {(place, outcome, band): times for place in places for band in bands}


def less(more: dict[Kind, float], fewer: dict[Kind, float]) -> dict[Kind, float]:
    return {kind: more.get(kind, 0) - fewer.get(kind, 0) for kind in {**more, **fewer}}


def both(places: list[str]) -> dict[Kind, float]:
    return calls(places, "lost") | calls(places, "answered")


WEEK_NAMES = [(FIRST + timedelta(weeks=week)).isoformat() for week in range(WEEKS)]
BEFORE, AFTER = WEEK_NAMES[:13], WEEK_NAMES[13:]
NAMED = ("January", "February", "March", "April", "May", "June", "July")


def places_of(key: str, name: str) -> list[str]:
    """The places that a row of a table is the sum of, as anybody can tell from the calendar."""
    if name == "Whole period":
        return WEEK_NAMES
    if name in ("Before", "After"):
        return BEFORE if name == "Before" else AFTER
    if key.endswith("month"):
        month = NAMED.index(name.split()[0]) + 1
        return [week for week in WEEK_NAMES if date.fromisoformat(week).month == month]
    return [name] if key in ("by-week", "chart-points-by-week") else [f"{key.split('-', 1)[1]} {name}"]


def told(pack: dict[str, bytes]) -> Iterator[Sum]:
    """Every cell of every table that counts calls, shown or not, and the calls that it counts."""
    for key in ("by-month", "by-week", "by-half-hour-of-day", "by-weekday", "by-queue", "iv-calls", "since"):
        for row in rows_of(pack, key):
            name = str(next(iter(row.values())))
            if name == "Difference":
                continue
            places = places_of(key, name)
            for heading, parts in (("Abandoned", calls(places, "lost")), ("Answered", calls(places, "answered")),
                                   ("Counted as lost", calls(places, "lost")), ("Out of", both(places))):  # fmt: skip
                if heading in row:
                    yield f"{key} {name} {heading}", parts, row[heading]
    for key in ("waits-by-month", "waits-by-half-hour-of-day", "waits-by-weekday", "waits-by-queue", "iv-waits"):
        for row in rows_of(pack, key):
            name = str(next(iter(row.values())))
            places = places_of(key.removeprefix("waits-"), name)
            in_time, out_of = calls(places, "answered", range(2)), less(both(places), calls(places, "lost", range(2)))
            yield f"{key} {name} in time", in_time, row["Answered in time"]
            yield f"{key} {name} out of", out_of, row["Out of"]
    for by in ("week", "month"):
        for row in rows_of(pack, f"chart-points-by-{by}"):
            start = str(row[f"{by.capitalize()} from"])
            places = [start] if by == "week" else [week for week in WEEK_NAMES if week[:7] == start[:7]]
            yield f"chart {start} lost", calls(places, "lost"), row["Counted as lost"]
            yield f"chart {start} of", both(places), row["Out of"]
    for row in rows_of(pack, "by-outcome"):
        if row["Outcome"] in ("answered", "abandoned"):
            outcome = "lost" if row["Outcome"] == "abandoned" else "answered"
            for heading, places in (("Before", BEFORE), ("After", AFTER), ("Whole period", WEEK_NAMES)):
                yield f"outcome {outcome} {heading}", calls(places, outcome), row[heading]
    yield from by_definition(pack)


def by_definition(pack: dict[str, bytes]) -> Iterator[Sum]:
    """Both halves by every definition; each caller rings once, so that callers are calls."""
    lost, every = calls(WEEK_NAMES, "lost"), both(WEEK_NAMES)
    late = {edge: calls(WEEK_NAMES, "lost", range(first, 5)) for edge, first in ((5, 1), (30, 3), (60, 4))}
    formulas = {
        **dict.fromkeys(("all_offered", "of_decided", "unanswered", "with_ivr", "with_blocked"), (lost, every)),
        "lost_callers": (lost, every),
        "short_excluded": (late[5], less(every, less(lost, late[5]))), "cisco_short": (late[5], every),
        "nhs111_mds": (late[30], every), "nhs_direct": (late[30], less(every, less(lost, late[30]))),
        "after_60s": (late[60], every),
    }  # fmt: skip
    for row in rows_of(pack, "by-definition"):
        top, bottom = formulas[str(row["Definition"])]
        yield f"{row['Definition']} lost", top, row["Counted as lost"]
        yield f"{row['Definition']} of", bottom, row["Out of"]


def ties(sums: list[Sum]) -> Iterator[tuple[dict[Kind, float], float]]:
    """All queues, weekdays and half-hours together hold of each kind what the weeks hold."""
    places = {place for _, parts, _ in sums for place, _, _ in parts} - set(WEEK_NAMES)
    for grouping in ("queue", "weekday", "half-hour-of-day"):
        mine = [place for place in places if place.startswith(f"{grouping} ")]
        assert mine
        for outcome in ("lost", "answered"):
            for band in range(5):
                pieces = calls(mine, outcome, range(band, band + 1))
                yield less(pieces, calls(WEEK_NAMES, outcome, range(band, band + 1))), 0.0


def test_no_hidden_count_of_a_public_pack_has_only_one_value_that_it_can_have(pack: dict[str, bytes]) -> None:
    sums = list(told(pack))
    atoms = {atom: n for n, atom in enumerate(sorted({atom for _, parts, _ in sums for atom in parts}))}

    def line(parts: dict[Kind, float]) -> np.ndarray:
        row = np.zeros(len(atoms))
        for atom, times in parts.items():
            row[atoms[atom]] += times
        return row

    known = [(parts, float(cell)) for _, parts, cell in sums if isinstance(cell, int | float)]
    known += list(ties(sums))
    hidden = [(name, line(parts)) for name, parts, cell in sums if cell == "[c]"]
    assert hidden
    equal, number = np.array([line(parts) for parts, _ in known]), np.array([value for _, value in known])
    at_least_one = np.array([-row for _, row in hidden])
    done: set[bytes] = set()
    for name, row in hidden:
        if row.tobytes() in done:
            continue
        done.add(row.tobytes())
        ends = [linprog(sign * row, A_eq=equal, b_eq=number, A_ub=at_least_one, b_ub=-np.ones(len(hidden)),
                        bounds=(0, 1e5), method="highs") for sign in (1, -1)]  # fmt: skip
        assert [end.status for end in ends] == [0, 0]
        least, most = np.ceil(ends[0].fun - 1e-6), np.floor(-ends[1].fun + 1e-6)
        assert most - least >= 1, (name, least, most)


def test_no_count_of_one_to_four_is_shown(pack: dict[str, bytes]) -> None:
    assert not [(name, cell) for name, _, cell in told(pack) if isinstance(cell, int) and 1 <= cell <= 4]


def test_the_centre_line_is_made_of_shown_points_alone(pack: dict[str, bytes]) -> None:
    for by in ("week", "month"):
        shown = [row for row in rows_of(pack, f"chart-points-by-{by}") if isinstance(row["Share lost"], float)]
        if shown and isinstance(shown[0]["Centre line"], float):
            lost, of = (sum(int(str(row[half])) for row in shown) for half in ("Counted as lost", "Out of"))
            assert shown[0]["Centre line"] == pytest.approx(lost / of, abs=1e-6)


def test_every_pair_of_counts_in_a_sentence_stands_in_a_table_or_is_a_run_of_shown_points(
    pack: dict[str, bytes],
) -> None:
    tables = json.loads(pack["figures.json"])["tables"]
    pairs = {(row[at], row[at + 1]) for table in tables.values() for row in table["rows"] for at in range(len(row) - 1)}
    for by in ("week", "month"):
        rows = rows_of(pack, f"chart-points-by-{by}")
        points = [(row["Counted as lost"], row["Out of"]) for row in rows if isinstance(row["Share lost"], float)]
        for first in range(len(points)):
            for last in range(first + 1, len(points) + 1):
                run = [(int(str(lost)), int(str(of))) for lost, of in points[first:last]]
                pairs.add((sum(lost for lost, _ in run), sum(of for _, of in run)))
    said = re.findall(r"([\d,]+) of ([\d,]+)[;)]", pack["report.html"].decode())
    assert all((int(a.replace(",", "")), int(b.replace(",", ""))) in pairs for a, b in said), said


def test_weeks_less_months_do_not_tell_of_the_few_days_between_their_ends(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    days = [FIRST + timedelta(days=n) for n in range(7 * WEEKS) if n % 7 in (0, 3)]  # Mondays and Thursdays
    lost = {day: 2 if day == date(2010, 4, 1) else 25 for day in days}  # the Thursday that ends a week of March
    calls_of = [(day, number, number < lost[day]) for day in days for number in range(100)]
    rows: list[dict[str, object]] = [
        {"leg": f"{day} {n}", "contact": f"{day} {n}", "queue": "main", "outcome": "abandoned" if gone else "answered",
         "entered": datetime(day.year, day.month, day.day, 12, n % 60, tzinfo=UTC), "wait": 45.0 if gone else 3.0,
         "talk": None if gone else 60.0, "caller": f"{day} {n}", "line": 2}
        for day, n, gone in calls_of
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("log") / "store"
    keep(folder, rows, name="log.csv")
    pack = make(Store(folder), PackRequest(CHANGED, days=2), Inputs(), standard=read_standard(None))[1]
    weeks = {row["Week from"]: row["Abandoned"] for row in rows_of(pack, "by-week")[:-1]}
    months = {str(row["Month"]).split()[0]: row["Abandoned"] for row in rows_of(pack, "by-month")[:-1]}
    known = [([day - timedelta(days=day.weekday()) == date.fromisoformat(str(week)) for day in days], cell)
             for week, cell in weeks.items()]  # fmt: skip
    known += [([NAMED[day.month - 1] == month for day in days], cell) for month, cell in months.items()]
    told = [(row, cell) for row, cell in known if isinstance(cell, int)]
    aim = np.array([float(day == date(2010, 4, 1)) for day in days])
    least, most = (
        sign * linprog(sign * aim, A_eq=np.array([row for row, _ in told], dtype=float), b_eq=[n for _, n in told],
                       bounds=(0, 100), method="highs").fun for sign in (1, -1)
    )  # fmt: skip
    assert most - least >= 1
