"""The desk's standard: a file, read strictly, that changes every figure."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.call import INTERVAL_SCHEMA
from kcas.calls.definitions import standard_in_words, the_definition, the_service_level
from kcas.calls.grouping import select
from kcas.calls.measures import measure, measured, query_of
from kcas.desk.standard import SHIPPED, Standard, Threshold, read_standard
from kcas.errors import SettingError
from tests.calls_drawn import drawn


def written(folder: Path, text: str) -> Path:
    path = folder / "desk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_says_what_the_product_does_without_a_file() -> None:
    assert read_standard(SHIPPED) == read_standard() == Standard()
    assert read_standard().targets == ()  # none was ever published for this desk


def test_one_change_in_the_file_changes_the_figure(tmp_path: Path) -> None:
    calls = drawn("outcome wait\nanswered 10\nabandoned 6\nabandoned 60")
    assert measure(calls, standard=read_standard())["rate"][0] == pytest.approx(2 / 3)
    mitel = written(tmp_path, '[abandonment]\ndefinition = "short_excluded"\nshort = "6 s"\n')
    assert measure(calls, standard=read_standard(mitel))["rate"][0] == pytest.approx(1 / 2)
    strict = written(tmp_path, '[abandonment]\ndefinition = "short_excluded"\nshort = "6 s"\nequal_is_short = false\n')
    assert measure(calls, standard=read_standard(strict))["rate"][0] == pytest.approx(2 / 3)
    quick = written(tmp_path, '[service_level]\ndefinition = "sl_answered"\nwithin = "9 s"\n')
    assert measure(calls, standard=read_standard(quick))["service_level"][0] == 0


def test_definitions_with_a_published_threshold_keep_it_unless_told_otherwise(tmp_path: Path) -> None:
    desk = read_standard(written(tmp_path, '[abandonment]\nshort = "8 s"\n'))
    assert the_definition(desk, key="short_excluded").short == 8
    assert the_definition(desk, key="nhs111_mds").short == 30
    assert the_definition(desk, key="after_60s", short=8).short == 60
    assert the_definition(desk, key="nhs111_mds", short=8).short == 8
    assert the_definition(desk, key="all_offered", short=8).short is None
    told = read_standard(
        written(tmp_path, '[abandonment.thresholds]\ncisco_short = { short = "2 s", equal_is_short = false }\n')
    )
    assert told.threshold("cisco_short") == Threshold(2.0, False)
    assert told.threshold("nhs_direct") == Threshold(30.0, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[abandonment]\nshrot = '5 s'\n", "'shrot' is not a setting. Did you mean 'short'?"),
        ("[abandonment]\ndefinition = 'all_offred'\n", "'all_offred' is not known. Did you mean 'all_offered'?"),
        ("[abandonment]\nshort = 5 s\n", "line 2, column 11: cannot be read as TOML. Expected lines like name ="),
        ("[a]\nb = 1\nb = 2\n", "line 3, column 6: says again what was said above. Expected each name"),
        ("[a", "at its end: cannot be read as TOML"),
        ("[abandonment]\nshort = 5\n", "5 is not a duration"),
        ("[service_level]\nwithin = '20'\n", "'20' is not a duration. Expected a number and a unit"),
        ("[service_level]\ndefinition = 'sl_negativ'\n", "Did you mean 'sl_negative'?"),
        ("time_zone = 'Europe/Lundon'\n", "'Europe/Lundon' is not known"),
        ("[opening]\nmonday = '8-20'\n", "monday: '8-20' are not hours"),
        ("[opening]\nmonday = '20:00-20:00'\n", "are not hours"),
        ("[opening]\nmonday = '24:00-06:00'\n", "are not hours"),
        ("[opening]\nmonday = '20:00-25:00'\n", "are not hours"),
        ("day_begins = '06:10'\n", "is not when a day begins. Expected a time on the half-hour up to noon"),
        ("day_begins = '18:00'\n", "is not when a day begins"),
        ("day_begins = 6\n", "day_begins: 6 is not when a day begins"),
        ("[opening]\nmonday = '08:10-20:00'\n", "on the quarter"),
        ("[opening]\noutside = 'left out'\n", "set the hours of at least one weekday first"),
        ("[holidays]\nof = 'Wales'\n", "Expected \"England\" or \"none\""),
        ("[holidays]\nalso = ['2011-04-29']\n", "is not a list of days"),
        ("[privacy]\nkeep_caller_tokens = 'no'\n", "neither true nor false"),
        ("[[targets]]\nmeasure = 'rate'\nat_most = '5%'\n", "a target needs its source"),
        ("[[targets]]\nmeasure = 'rate'\nat_most = '105%'\nsource = 'x'\n", "'105%' is not a percentage."),
        ("abandonment = 'all_offered'\n", "Expected [abandonment] on a line of its own"),
        ("targets = 5\n", "Expected [[targets]] on a line of its own"),
        ("targets = [5]\n", "expected a table with measure"),
        ("opening = 5\n", "expected a table"),
        ("[abandonment]\nthresholds = 5\n", "Expected [thresholds] on a line of its own"),
        ("[abandonment.thresholds]\nnhs111 = { short = '30 s' }\n", "Did you mean 'nhs111_mds'?"),
        ("[abandonment.thresholds]\nnhs111_mds = '30 s'\n", "expected a table like"),
        ("name = ''\n", "is not text"),
        ("name = \n", "line 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_file_and_what_would_be_right(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingError) as caught:
        read_standard(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_targets_bear_their_source(tmp_path: Path) -> None:
    desk = read_standard(
        written(
            tmp_path,
            '[[targets]]\nmeasure = "rate"\ndefinition = "nhs111_mds"\nat_most = "5%"\nsource = "NHS 111 to 2021"\n'
            '[[targets]]\nmeasure = "service_level"\nat_least = "80%"\nsource = "Barnet"\n',
        )
    )
    assert (desk.targets[0].at_most, desk.targets[0].definition) == (0.05, "nhs111_mds")
    words = standard_in_words(desk)
    assert "Target: abandonment rate by nhs111_mds at most 5% (NHS 111 to 2021)." in words
    assert "Target: service level at least 80% (Barnet)." in words


def test_holidays_are_englands_with_the_days_given_to_one_year_only() -> None:
    """The royal weddings, jubilees and funeral of England, from GOV.UK's announcements of each."""
    holidays = Standard().holidays
    for day in (date(2011, 4, 29), date(2012, 6, 5), date(2022, 9, 19), date(2022, 6, 3), date(2023, 5, 8)):
        assert day in holidays
    assert date(2010, 4, 5) in holidays  # Easter Monday, which Scotland does not keep
    assert date(2010, 12, 28) in holidays  # Boxing Day fell on Sunday
    assert date(2010, 11, 30) not in holidays  # St Andrew's Day, which is Scotland's
    assert date(2010, 3, 17) not in holidays  # St Patrick's Day, which is Northern Ireland's


def test_the_desk_adds_and_takes_away_holidays(tmp_path: Path) -> None:
    text = "[holidays]\nalso = [2010-12-24]\nnot = [2010-12-28]\n"
    holidays = read_standard(written(tmp_path, text)).holidays
    assert date(2010, 12, 24) in holidays
    assert date(2010, 12, 28) not in holidays
    assert date(2010, 12, 27) in holidays
    none = read_standard(written(tmp_path, '[holidays]\nof = "none"\nalso = [2010-12-24]\n')).holidays
    assert list(none.named(years=range(2009, 2012))) == [date(2010, 12, 24)]


OPEN = """
[opening]
monday = "08:00-18:00"
tuesday = "08:00-18:00"
saturday = "09:00-12:00"
holiday = "10:00-12:00"
outside = "{outside}"
"""

AROUND = drawn(
    """
    entered                    outcome   wait
    2010-04-12T07:59:59+01:00  answered  1
    2010-04-12T08:00:00+01:00  answered  1
    2010-04-12T17:59:59+01:00  answered  1
    2010-04-12T18:00:00+01:00  answered  1
    2010-04-14T10:00:00+01:00  answered  1
    2010-04-05T09:59:00+01:00  answered  1
    2010-04-05T10:00:00+01:00  answered  1
    """
)
"""Monday's hours by the second, a Wednesday that is closed, and Easter Monday with hours of its own."""


def test_calls_outside_the_hours_are_left_out_where_the_standard_says_so(tmp_path: Path) -> None:
    desk = read_standard(written(tmp_path, OPEN.format(outside="left out")))
    assert select(AROUND, standard=desk).collect()["leg"].to_list() == ["leg/1", "leg/2", "leg/6"]
    answer = measured(AROUND, query_of(desk))
    assert answer.rows["offered"][0] == 3
    assert answer.notes[0].startswith("4 calls entered the queue outside the opening hours, and are left out")


def test_an_interval_table_is_counted_whole_whatever_the_hours_and_that_is_said(tmp_path: Path) -> None:
    desk = read_standard(written(tmp_path, OPEN.format(outside="left out")))
    table = pl.DataFrame(
        [(datetime(2010, 4, 12, tzinfo=UTC), datetime(2010, 4, 13, tzinfo=UTC), "desk", "offered", None, 9.0)],
        schema=INTERVAL_SCHEMA,
        orient="row",
    )
    answer = measured(AROUND, query_of(desk), intervals=table.lazy())
    assert answer.rows["offered"][0] == 3 + 9
    assert "Intervals of a table are counted whole, regardless of opening hours." in answer.notes


def test_calls_outside_the_hours_are_counted_and_said_unless_the_standard_leaves_them_out(tmp_path: Path) -> None:
    desk = read_standard(written(tmp_path, OPEN.format(outside="counted")))
    answer = measured(AROUND, query_of(desk))
    assert answer.rows["offered"][0] == 7
    assert answer.notes[0].startswith("4 calls entered the queue outside the opening hours, and are counted")
    assert desk.opening.span(date(2010, 4, 5), holidays=desk.holidays) == (600, 720)
    assert desk.opening.span(date(2010, 4, 14), holidays=desk.holidays) is None


def test_the_words_have_every_figure_of_the_standard(tmp_path: Path) -> None:
    desk = read_standard(
        written(
            tmp_path,
            'time_zone = "Europe/Dublin"\n[abandonment]\ndefinition = "short_excluded"\nshort = "7 s"\n'
            + '[service_level]\ndefinition = "sl_short"\nwithin = "2 min 30 s"\n'
            + "[holidays]\nalso = [2010-12-24]\nnot = [2010-12-28]\n"
            + OPEN.format(outside="left out"),
        )
    )
    words = " ".join(standard_in_words(desk))
    for said in (
        "abandoned after 7 s ÷ (offered − abandoned within 7 s), a wait of exactly 7 s being short",
        "(answered within 2 min 30 s + abandoned within 7 s) ÷ (answered + abandoned)",
        "Europe/Dublin",
        "Monday 08:00 to 18:00",
        "Wednesday closed",
        "holidays 10:00 to 12:00",
        "are left out",
        "and 2010-12-24, but not 2010-12-28",
        "Targets: none set.",
    ):
        assert said in words


def test_a_service_level_takes_its_times_from_the_standard_or_the_asker() -> None:
    assert the_service_level(Standard()).within == 20
    assert the_service_level(Standard(), within=45, short=3).words == (
        "answered within 45 s ÷ (answered + abandoned − abandoned within 45 s)"
    )


def test_a_chart_of_days_treats_weekends_and_holidays_as_the_standard_says(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text('[charts]\nweekend = ["friday", "saturday"]\nweekends = "left out"\n')
    found = read_standard(file).charts
    assert (found.weekend, found.weekends, found.holidays) == ((4, 5), "left out", "own kind")
    shipped = read_standard().charts
    assert (shipped.weekend, shipped.weekends, shipped.holidays) == ((5, 6), "own kind", "own kind")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('weekend = ["frday"]', r"\[charts\], weekend: 'frday' is not a day of the week. Did you mean 'friday'"),
        ('weekend = "friday"', "is not a list of days"),
        ('holidays = "hidden"', 'Expected "own kind" or "left out"'),
        ('weekneds = "left out"', "Did you mean 'weekends'"),
    ],
)
def test_what_a_chart_cannot_do_with_its_days_is_refused(tmp_path: Path, line: str, wrong: str) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(f"[charts]\n{line}\n")
    with pytest.raises(SettingError, match=wrong):
        read_standard(file)


def test_a_day_that_begins_at_six_and_hours_over_midnight_are_said_in_words(tmp_path: Path) -> None:
    hours = '[opening]\nfriday = "22:00-06:00"\nmonday = "08:00-24:00"\n'
    desk = read_standard(written(tmp_path, f'day_begins = "06:00"\n{hours}'))
    assert desk.day_begins == 360
    said = " ".join(standard_in_words(desk))
    assert "by the clock of Europe/London. A day begins at 06:00: what comes before is of the day before." in said
    assert "Friday 22:00 to 06:00 of the next day" in said
    assert "Monday 08:00 to 24:00," in said
    assert "A day begins" not in " ".join(standard_in_words(Standard()))
