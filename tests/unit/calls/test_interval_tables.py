"""What an interval table can and cannot tell."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from kcas.calls.call import INTERVAL_SCHEMA, empty
from kcas.calls.definitions import the_definition, the_service_level
from kcas.calls.measures import measure, measured, query_of
from kcas.calls.rates import reconciliation
from kcas.desk.standard import Standard
from tests.calls_drawn import drawn

DESK = Standard()
LONDON = ZoneInfo("Europe/London")
FROM_A_TABLE = (
    "{} intervals come from a switch's own table: it may count an answer or a hang-up in the interval in which it "
    "happened, where calls count in the interval of their queue entry."
)


def table(*rows: tuple[str, str, str, float | None, float], queue: str = "desk") -> pl.LazyFrame:
    """Rows of start, end (UTC), measure, threshold and amount."""
    columns = [
        (
            datetime.fromisoformat(start).replace(tzinfo=UTC),
            datetime.fromisoformat(end).replace(tzinfo=UTC),
            queue,
            *rest,
        )
        for start, end, *rest in rows
    ]
    return pl.DataFrame(columns, schema=INTERVAL_SCHEMA, orient="row").lazy()


def year() -> pl.LazyFrame:
    """England's NHS 111, 2015-16 (NHS England Minimum Data Set): what the table tells of the year."""
    span = ("2015-03-31T23:00", "2016-03-31T23:00")
    return table(
        (*span, "offered", None, 14039579),
        (*span, "answered", None, 13009408),
        (*span, "abandoned_over", 30, 440988),
    )


@pytest.mark.parametrize(
    ("key", "percent"), [("nhs111_mds", 3.14103), ("nhs_direct", 3.27863), ("unanswered", 7.33762)]
)
def test_one_year_of_nhs_111_has_three_rates(key: str, percent: float) -> None:
    rows = measure(empty().lazy(), intervals=year(), standard=DESK, definition=the_definition(DESK, key=key))
    assert 100 * rows["rate"][0] == pytest.approx(percent, abs=1e-5)


@pytest.mark.parametrize(
    "key", ["all_offered", "short_excluded", "of_decided", "with_ivr", "with_blocked", "lost_callers"]
)
def test_what_the_table_does_not_tell_is_not_available(key: str) -> None:
    row = measure(empty().lazy(), intervals=year(), standard=DESK, definition=the_definition(DESK, key=key)).row(
        0, named=True
    )
    assert row["rate"] is None
    assert row["low"] is None
    assert row["not_available"].startswith(f"{key}: the log does not tell ")
    assert row["wait_p50"] is None
    assert row["average_speed_of_answer"] is None
    assert row["voicemail"] is None


def test_the_reconciliation_line_shows_what_the_table_leaves_unexplained() -> None:
    rows = measure(empty().lazy(), intervals=year(), standard=DESK, definition=the_definition(DESK, key="nhs111_mds"))
    assert rows["unexplained"].to_list() == [14039579 - 13009408 - 440988]
    assert rows["unexplained"].to_list() == [589183]
    assert "589,183" in reconciliation(rows)


def half_hours(*amounts: tuple[str, float]) -> pl.LazyFrame:
    """The same amounts in each of two half-hours."""
    spans = (("2010-04-12T08:00", "2010-04-12T08:30"), ("2010-04-12T08:30", "2010-04-12T09:00"))
    return table(*((*span, measure, None, amount) for span in spans for measure, amount in amounts))


def test_abandoned_of_a_table_that_does_not_tell_ringing_apart_is_all_that_was_abandoned() -> None:
    plain = half_hours(("offered", 50), ("answered", 41), ("abandoned", 9))
    rows = measure(empty().lazy(), intervals=plain, standard=DESK)
    row = rows.row(0, named=True)
    assert (row["numerator"], row["denominator"], row["abandoned_all"], row["unexplained"]) == (18, 100, 18, 0)
    assert reconciliation(rows) == ("Reconciliation: offered 100 = answered 82 + abandoned, ringing included 18.")


def test_abandoned_beside_ringing_leaves_ringing_out() -> None:
    apart = half_hours(("offered", 50), ("answered", 41), ("abandoned", 6), ("abandoned_ringing", 3))
    rows = measure(empty().lazy(), intervals=apart, standard=DESK)
    assert rows.select("abandoned", "abandoned_all", "numerator").row(0) == (12, 18, 18)
    assert reconciliation(rows) == "Reconciliation: offered 100 = answered 82 + abandoned 12 + abandoned ringing 6."


def test_where_ringing_is_told_of_some_intervals_the_others_are_not_guessed() -> None:
    one = table(("2010-04-12T08:00", "2010-04-12T08:30", "abandoned_ringing", None, 3))
    rows = measure(empty().lazy(), intervals=pl.concat([half_hours(("offered", 50), ("answered", 41), ("abandoned", 6)),
                                                        one]), standard=DESK)  # fmt: skip
    assert rows["rate"].to_list() == [None]
    # 9 - 6 of each half-hour are left; of the first the table says that they were ringing
    assert reconciliation(rows) == (
        "Reconciliation: offered 100 = answered 82 + abandoned 12 + outcomes that are told of some intervals only 3 + "
        "not accounted for by the interval table 3."
    )


def months_without_answered() -> pl.LazyFrame:
    """NHS 111's own columns for three invented months; of March the answered are blank."""
    told = (("2010-01", 1000, 900, 60), ("2010-02", 2000, 1900, 70), ("2010-03", 3000, None, 80))
    return table(
        *(
            (f"{month}-01T00:00", f"{month}-28T00:00", measure, threshold, amount)
            for month, offered, answered, over in told
            for measure, threshold, amount in (("offered", None, offered), ("answered", None, answered),
                                               ("abandoned_over", 30.0, over))
            if amount is not None
        )
    )  # fmt: skip


def test_months_that_do_not_tell_a_count_are_named() -> None:
    answer = measured(empty().lazy(), query_of(DESK, by="month"), intervals=months_without_answered())
    assert "The table does not give answered for every interval of March 2010." in answer.notes
    # 1,000 - 900 - 60, 2,000 - 1,900 - 70, and 3,000 - 80: what March answered is not known
    assert reconciliation(answer.rows) == (
        "Reconciliation: offered 6,000 = answered 2,800 + abandoned after the table's own threshold 130 + outcomes "
        "that are told of some intervals only 80 + not accounted for by the interval table 2,990."
    )
    whole = measured(empty().lazy(), query_of(DESK), intervals=months_without_answered())
    assert "after the table's own threshold" not in reconciliation(whole.rows)  # 2,800 of it were answered


def test_months_whose_offered_calls_are_not_told_are_left_out_of_the_balance_by_name() -> None:
    march = pl.col("start") == datetime(2010, 3, 1, tzinfo=UTC)
    table_of = months_without_answered().filter(~(march & (pl.col("measure") == "offered")))
    answer = measured(empty().lazy(), query_of(DESK, by="month"), intervals=table_of)
    assert reconciliation(answer.rows).endswith(" Without 2010-03: the calls offered are not told there.")


def test_a_row_counts_in_the_group_it_lies_in_whole_and_is_said_where_it_does_not() -> None:
    rows = table(
        ("2010-04-12T08:00", "2010-04-12T08:30", "offered", None, 10),
        ("2010-04-12T08:00", "2010-04-12T08:30", "answered", None, 8),
        ("2010-04-12T08:15", "2010-04-12T08:45", "offered", None, 100),
        ("2010-04-12T08:30", "2010-04-12T09:00", "offered", None, 20),
    )
    halves = measured(empty().lazy(), query_of(DESK, by="half-hour"), intervals=rows)
    assert halves.rows["offered"].to_list() == [10, 20]
    assert halves.rows["answered"].to_list() == [8, None]
    assert halves.notes[0].startswith("1 intervals of a table are longer than one half-hour, or straddle two")
    hours = measured(empty().lazy(), query_of(DESK, by="hour"), intervals=rows)
    assert hours.rows["offered"].to_list() == [130]
    assert hours.notes == (
        FROM_A_TABLE.format(3),
        "The table does not give answered for every interval of April 2010.",
    )


def test_a_row_that_reaches_beyond_the_days_asked_for_is_left_out_and_said() -> None:
    ask = query_of(DESK, since=date(2015, 4, 1), until=date(2015, 5, 1))
    answer = measured(empty().lazy(), ask, intervals=year())
    assert answer.rows["offered"].to_list() == [0]
    assert len(answer.notes) == 1
    assert "2015-04-01" in answer.notes[0]


def test_a_table_in_service_level_increments_gives_what_its_thresholds_allow() -> None:
    """60 abandoned, 40 of them after 20 s: the other 20 within, which the table did not print."""
    span = ("2010-04-12T08:00", "2010-04-12T08:30")
    rows = table(
        (*span, "answered", None, 1000),
        (*span, "abandoned_total", None, 60),
        (*span, "abandoned_over", 20, 40),
        (*span, "answered_within", 20, 860),
        (*span, "wait_answered", None, 9000),
    )
    for key, percent in (("sl_ignored", 82.6923), ("sl_positive", 83.0189), ("sl_negative", 81.1321)):
        level = the_service_level(DESK, key=key, within=20)
        row = measure(empty().lazy(), intervals=rows, standard=DESK, service_level=level).row(0, named=True)
        assert 100 * row["service_level"] == pytest.approx(percent, abs=1e-4)
        assert row["average_speed_of_answer"] == 9
        assert row["offered"] is None
    at_thirty = the_service_level(DESK, key="sl_ignored", within=30)
    assert measure(empty().lazy(), intervals=rows, standard=DESK, service_level=at_thirty)["service_level"][0] is None


def test_calls_and_tables_of_one_group_add_but_their_percentiles_do_not() -> None:
    calls = drawn("entered outcome wait\n09:10 answered 10\n09:20 abandoned 30")
    span = ("2010-04-12T08:00", "2010-04-12T08:30")
    rows = table(
        (*span, "offered", None, 3), (*span, "answered", None, 2), (*span, "abandoned_total", None, 1), queue="other"
    )
    row = measure(calls, intervals=rows, standard=DESK, by="half-hour").row(0, named=True)
    assert (row["offered"], row["answered"], row["numerator"], row["denominator"]) == (5, 3, 2, 5)
    assert row["wait_p50"] is None
    assert row["average_speed_of_answer"] is None
    assert row["abandoned"] is None
    assert row["abandoned_all"] == 2


def test_more_answered_than_offered_makes_no_rate() -> None:
    """Tables that count an answer in the interval it comes in (Genesys) can answer more than were offered."""
    span = ("2010-04-12T08:00", "2010-04-12T08:30")
    rows = table((*span, "offered", None, 3), (*span, "answered", None, 5))
    row = measure(empty().lazy(), intervals=rows, standard=DESK, definition=the_definition(DESK, key="unanswered")).row(
        0, named=True
    )
    assert row["rate"] is None
    assert "contradict" in row["not_available"]


# Hansard, 26 November 2008, columns 2116W to 2118W: NHS Direct's calls month by month, October 2007 to October 2008
RECEIVED = (265959, 263168, 204451, 280690, 275862, 269929, 296200, 296470, 299791, 334643, 290476, 321218, 329042)
ANSWERED = (262776, 260812, 202543, 274203, 267235, 260899, 285982, 285689, 285204, 322462, 284450, 312592, 320415)
AFTER_THRESHOLD = (799, 455, 428, 1960, 3420, 3165, 4040, 3937, 4936, 3769, 1259, 3056, 2722)
ALL_PERCENT = (1.196801, 0.895246, 0.933231, 2.311091, 3.127288, 3.345324, 3.449696, 3.636456, 4.865723, 3.639998,
               2.074526, 2.685404, 2.621854)  # fmt: skip
OVER_PERCENT = (0.300422, 0.172893, 0.209341, 0.698279, 1.23975, 1.172531, 1.363943, 1.327959, 1.64648, 1.126275,
                0.433427, 0.951379, 0.82725)  # fmt: skip


def hansard() -> pl.LazyFrame:
    """Thirteen months as an interval table, each month by London's midnights."""
    months = [datetime(2007 + (9 + n) // 12, (9 + n) % 12 + 1, 1, tzinfo=LONDON) for n in range(14)]
    rows = [
        (start.astimezone(UTC), end.astimezone(UTC), "NHS Direct", measure, threshold, float(amount))
        for start, end, received, answered, over in zip(
            months, months[1:], RECEIVED, ANSWERED, AFTER_THRESHOLD, strict=False
        )
        for measure, threshold, amount in (
            ("offered", None, received),
            ("answered", None, answered),
            ("abandoned_total", None, received - answered),
            ("abandoned_over", 30.0, over),
        )
    ]
    return pl.DataFrame(rows, schema=INTERVAL_SCHEMA, orient="row").lazy()


@pytest.mark.parametrize(("key", "percent"), [("all_offered", ALL_PERCENT), ("nhs111_mds", OVER_PERCENT)])
def test_nhs_directs_months_are_as_hansard_printed_them(key: str, percent: tuple[float, ...]) -> None:
    rows = measure(
        empty().lazy(), intervals=hansard(), standard=DESK, by="month", definition=the_definition(DESK, key=key)
    )
    assert [100 * rate for rate in rows["rate"]] == pytest.approx(percent, abs=1e-5)


def test_the_pooled_rate_is_not_the_mean_of_the_months() -> None:
    whole = measure(empty().lazy(), intervals=hansard(), standard=DESK)
    assert 100 * whole["rate"][0] == pytest.approx(2.753213, abs=1e-5)
    assert sum(ALL_PERCENT) / 13 == pytest.approx(2.675587, abs=1e-5)


def day_of_callers(queue: str, callers: int, lost: int) -> pl.LazyFrame:
    """A day's half-hour of calls and its distinct callers."""
    day, half = ("2010-04-11T23:00", "2010-04-12T23:00"), ("2010-04-12T08:00", "2010-04-12T08:30")
    return table(
        (*half, "offered", None, 9), (*day, "callers", None, callers), (*day, "callers_lost", None, lost), queue=queue
    )


LOST_CALLERS = the_definition(DESK, key="lost_callers")


def test_a_days_callers_are_taken_from_a_table_of_that_very_choice_of_queues() -> None:
    one = measure(empty().lazy(), intervals=day_of_callers("desk", 6, 2), standard=DESK, definition=LOST_CALLERS)
    assert one.select("numerator", "denominator").row(0) == (2, 6)
    two = pl.concat([day_of_callers("desk", 6, 2), day_of_callers("night", 5, 1)])
    assert measure(empty().lazy(), intervals=two, standard=DESK, definition=LOST_CALLERS)["rate"][0] is None
    both = pl.concat([two, day_of_callers("*", 9, 2).filter(pl.col("measure") != "offered")])
    pooled = measure(empty().lazy(), intervals=both, standard=DESK, by="week", definition=LOST_CALLERS)
    assert pooled.select("numerator", "denominator", "offered").row(0) == (2, 9, 18)
    by_queue = measure(empty().lazy(), intervals=both, standard=DESK, by="queue", definition=LOST_CALLERS)
    assert by_queue.select("queue", "numerator", "denominator").rows() == [("desk", 2, 6), ("night", 1, 5)]
    hour = measure(empty().lazy(), intervals=both, standard=DESK, by="hour", definition=LOST_CALLERS)
    assert hour["rate"].to_list() == [None]


def test_callers_of_calls_and_of_a_table_add_day_by_day_or_are_not_available() -> None:
    calls = drawn("entered outcome wait caller\n2010-04-13T09:00:00+01:00 abandoned 9 Ann")
    told = measure(calls, intervals=day_of_callers("desk", 6, 2), standard=DESK, by="week", definition=LOST_CALLERS)
    assert told.select("numerator", "denominator").row(0) == (3, 7)
    other_day = table(("2010-04-14T08:00", "2010-04-14T08:30", "offered", None, 9))
    untold = measure(calls, intervals=other_day, standard=DESK, by="week", definition=LOST_CALLERS)
    assert untold["rate"].to_list() == [None]
    assert untold["not_available"][0].startswith("lost_callers: the log does not tell callers_lost, callers")


def test_calls_that_a_table_tells_of_too_are_said() -> None:
    calls = drawn("entered queue outcome wait\n09:10 desk answered 1\n09:40 desk answered 1\n09:10 night answered 1")
    rows = table(("2010-04-12T08:00", "2010-04-12T08:30", "offered", None, 3))
    answer = measured(calls, query_of(DESK), intervals=rows)
    assert answer.notes == (
        FROM_A_TABLE.format(1),
        "1 calls lie in intervals of their queue that a table tells of too: they are counted twice.",
    )


def test_tallies_of_calls_since_forgotten_are_not_called_a_switchs_table() -> None:
    rows = table(("2010-04-12T08:00", "2010-04-12T08:30", "offered", None, 3)).with_columns(of_calls=True)
    assert measured(empty().lazy(), query_of(DESK), intervals=rows).notes == ()
