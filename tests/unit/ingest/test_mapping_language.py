"""What a mapping can say beyond a column and its form; every figure is worked out by hand from the rows shown."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kcas.errors import SettingError
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import mapping_of
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source
from tests.unit.ingest.formats.read_back import LogInBlocks, whole

CALLS = """
key = "t"
words = "t"
leg = ["id"]
queue = { column = "queue" }
[[outcome]]
when = { result = "answered" }
gives = "answered"
[[outcome]]
when = { result = "abandoned" }
gives = "abandoned"
"""
ENTERED = """
[[entered]]
column = "at"
format = "YYYY-MM-DD hh:mm:ss"
"""
TABLE = """
key = "t"
words = "t"
kind = "intervals"
length = "30 min"
queue = { column = "queue" }
start = { column = "at", format = "DD/MM/YYYY hh:mm" }
"""


@pytest.fixture(scope="module")
def redactor(tmp_path_factory: pytest.TempPathFactory) -> Redactor:
    return Redactor(tmp_path_factory.mktemp("key") / "key")


def read(folder: Path, redactor: Redactor, toml: str, text: str, *, block: int | None = None) -> Piece:
    """A file read by a mapping; the spaces around its lines are the test's."""
    path = folder / "log.csv"
    path.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", encoding="utf-8")
    form = Mapped(mapping_of(tomllib.loads(toml), where="t.toml"))
    log = LogInBlocks(Source(path), size=block) if block else Log(Source(path))
    return whole(form.read(log, settings=ReadSettings(redactor), carried=Carried()))


def column(piece: Piece, name: str) -> list[Any]:
    return piece.calls[name].to_list()


def clocks(piece: Piece) -> list[str]:
    """The moments of entry in UTC."""
    return piece.calls["entered"].dt.strftime("%Y-%m-%d %H:%M:%S").to_list()


def amounts(piece: Piece) -> dict[str, float]:
    """The measures of a table's only queue and interval."""
    assert piece.intervals.select("queue", "start").n_unique() == 1
    return dict(piece.intervals.select("measure", "amount").rows())


def refused(piece: Piece) -> list[tuple[int, str | None]]:
    return [(refusal.line, refusal.column) for refusal in piece.refusals]


def test_a_duration_is_the_time_from_one_moment_to_another(tmp_path: Path, redactor: Redactor) -> None:
    toml = (
        'wait = { since = "joined", until = ["taken", "left"], format = "epoch s" }\n'
        'talk = { since = "taken", until = "ended", format = "epoch s" }\n' + CALLS
    ) + '[[entered]]\ncolumn = "joined"\nformat = "epoch s"\n'
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,joined,taken,left,ended
        1,A,answered,1772442010,1772442022,,1772442122
        2,A,abandoned,1772442210,,1772442243,
        3,A,answered,1772442210,,,
        4,A,abandoned,1772442210,,1772442200,
        """,
    )  # fmt: skip
    assert column(piece, "wait") == [12.0, 33.0, None]
    assert column(piece, "talk") == [100.0, None, None]
    assert refused(piece) == [(5, "taken")]


def test_a_duration_until_a_moment_counts_from_the_calls_entry(tmp_path: Path, redactor: Redactor) -> None:
    toml = 'wait = { until = "end", format = "YYYY-MM-DD hh:mm:ss" }\n' + CALLS + ENTERED
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,at,end
        1,A,abandoned,2026-03-02 09:00:00,2026-03-02 09:00:33
        2,A,abandoned,2026-10-25 01:50:00,2026-10-25 01:10:00
        """,
    )  # fmt: skip
    assert column(piece, "wait") == [33.0, 1200.0]  # 01:50 to 01:10 across the clock put back


def test_clocks_without_a_day_may_pass_midnight(tmp_path: Path, redactor: Redactor) -> None:
    toml = 'wait = { since = "from", until = "to", format = "hh:mm:ss" }\n' + CALLS + ENTERED
    piece = read(
        tmp_path, redactor, toml,
        "id,queue,result,at,from,to\n1,A,abandoned,2026-03-02 23:59:50,23:59:50,00:00:20",
    )  # fmt: skip
    assert column(piece, "wait") == [30.0]


def test_durations_are_added_and_taken_away_and_known_only_where_said(tmp_path: Path, redactor: Redactor) -> None:
    toml = (
        'wait = { column = ["ring", "other"], plus = "queue_s", unless = { queue_s = "" } }\n'
        'talk = { column = "all", format = "m:ss", less = { column = "queue_s", format = "s" } }\n' + CALLS + ENTERED
    )
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,at,ring,other,queue_s,all
        1,A,answered,2026-03-02 09:00:00,5,,7,1:40
        2,A,answered,2026-03-02 09:00:00,,4,7,0:30
        3,A,answered,2026-03-02 09:00:00,5,,,0:30
        4,A,answered,2026-03-02 09:00:00,5,,40,0:30
        """,
    )  # fmt: skip
    assert column(piece, "wait") == [12.0, 11.0, None]
    assert column(piece, "talk") == [93.0, 23.0, None]
    assert refused(piece) == [(5, "all")]


def test_a_duration_is_chosen_by_outcome(tmp_path: Path, redactor: Redactor) -> None:
    toml = CALLS + ENTERED + '[[wait]]\ncolumn = "lost"\noutcome = "abandoned"\n[[wait]]\ncolumn = "got"\n'
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,at,got,lost
        1,A,answered,2026-03-02 09:00:00,5,0
        2,A,abandoned,2026-03-02 09:00:00,0,31
        """,
    )  # fmt: skip
    assert column(piece, "wait") == [5.0, 31.0]


def test_the_entry_is_the_start_and_the_menu_or_the_end_less_the_wait(tmp_path: Path, redactor: Redactor) -> None:
    toml = 'wait = { column = "wait" }\n' + CALLS
    toml += '[[entered]]\ncolumn = "start"\nformat = "YYYY-MM-DD hh:mm:ss"\nunknown = ["NULL"]\nplus = "menu"\n'
    toml += '[[entered]]\ncolumn = "end"\nformat = "YYYY-MM-DDThh:mm:ss+hh:mm"\nless = ["wait"]\n'
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,start,menu,end,wait
        1,A,abandoned,2026-07-02 09:00:00,64,,10
        2,A,abandoned,NULL,,2026-07-02T09:00:00+02:00,30
        3,A,abandoned,2026-07-02 09:00:00,,,10
        4,A,abandoned,2026-10-25 01:59:30,60,,10
        """,
    )  # fmt: skip
    # London in July is an hour ahead of UTC; a local and an offset moment in one file each keep their meaning
    assert clocks(piece) == ["2026-07-02 08:01:04", "2026-07-02 06:59:30", "2026-10-25 01:00:30"]
    assert refused(piece) == [(4, "menu")]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ('"Voice"', "1"), ('{ not = "Voice" }', "234567"), ('{ not = ["Voice", ""] }', "23456"),
        ('{ begins = "Vo" }', "12"), ('{ contains = ["ice", "hat"] }', "123"), ('{ ends = "mail" }', "2"),
        ('"*"', "123456"), ('""', "7"), ('{ more_than = 0 }', "56"), ('{ at_least = 5, at_most = 5 }', "5"),
        ('{ less_than = 5 }', "4"), ('{ more_than = "0:05", format = "m:ss" }', ""),
        ('{ not = "" , begins = "C" }', "3"),
    ],
)  # fmt: skip
def test_conditions(tmp_path: Path, redactor: Redactor, condition: str, rows: str) -> None:
    toml = CALLS + ENTERED + f'[[ignore]]\nwhen = {{ media = {condition} }}\nrule = "left out"\n'
    media = ["Voice", "Voicemail", "Chat", "0", "5", "12.5", ""]
    lines = [f"{n},A,answered,2026-03-02 09:00:00,{said}" for n, said in enumerate(media, 1)]
    piece = read(tmp_path, redactor, toml, "\n".join(["id,queue,result,at,media", *lines]))
    assert [leg[2:] for leg in column(piece, "leg")] == [n for n in "1234567" if n not in rows]


def test_a_queue_is_named_where_the_column_names_none(tmp_path: Path, redactor: Redactor) -> None:
    toml = CALLS.replace('"queue" }', '"queue", otherwise = "(menu)", unknown = ["-"] }') + ENTERED
    piece = read(
        tmp_path, redactor, toml,
        "id,queue,result,at\n1,A,answered,2026-03-02 09:00:00\n2,,answered,2026-03-02 09:00:00\n"
        "3,-,answered,2026-03-02 09:00:00",
    )  # fmt: skip
    assert column(piece, "queue") == ["A", "(menu)", "(menu)"]


RINGING = """
    id,queue,at,agent,result,rang,talked
    T1,Adults,2026-03-02 09:00:00,ann,abandoned,15,
    T1,Adults,2026-03-02 09:00:15,bob,answered,7,100
    T2,Adults,2026-03-02 09:10:00,ann,abandoned,30,
    T1,Adults,2026-03-02 09:00:00,cyd,abandoned,22,
    T2,Adults,2026-03-02 09:10:00,cyd,abandoned,20,
    T3,Adults,2026-03-02 09:20:00,bob,answered,5,40
    T3,Adults,2026-03-02 09:21:00,cyd,answered,9,60
"""


@pytest.mark.parametrize(
    ("of", "waits"),
    [
        ("deciding", [7.0, 30.0, 5.0]), ("first", [15.0, 30.0, 5.0]), ("last", [7.0, 20.0, 9.0]),
        ("sum", [44.0, 50.0, 14.0]), ("largest", [22.0, 30.0, 9.0]), ("smallest", [7.0, 20.0, 5.0]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("block", [None, 70])
def test_several_rows_are_one_call(
    tmp_path: Path, redactor: Redactor, of: str, waits: list[float], block: int | None
) -> None:
    toml = f'same_leg = "one call"\nagent = {{ column = "agent" }}\nwait = {{ column = "rang", of = "{of}" }}\n'
    toml += 'talk = { column = "talked", of = "sum" }\n' + CALLS + ENTERED
    piece = read(tmp_path, redactor, toml, RINGING, block=block)
    calls = piece.calls.sort("leg")
    assert calls["outcome"].to_list() == ["answered", "abandoned", "answered"]
    assert calls["wait"].to_list() == waits
    assert calls["talk"].to_list() == [100.0, None, 100.0]
    assert calls["agent"].to_list() == [redactor.agent("bob"), None, redactor.agent("bob")]
    assert calls["entered"].dt.strftime("%H:%M:%S").to_list() == ["09:00:00", "09:10:00", "09:20:00"]
    assert (piece.call_lines, piece.used, piece.refusals) == (3, 4, ())


def test_the_wait_runs_from_the_first_row_to_the_one_that_answered(tmp_path: Path, redactor: Redactor) -> None:
    toml = 'same_leg = "one call"\nwait = { until = "end", format = "YYYY-MM-DD hh:mm:ss" }\n' + CALLS + ENTERED
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,at,end
        1,,queued,2026-03-02 09:00:00,2026-03-02 09:00:10
        1,A,missed,2026-03-02 09:00:10,2026-03-02 09:00:25
        1,A,answered,2026-03-02 09:00:25,2026-03-02 09:00:31
        2,,queued,2026-03-02 09:01:00,2026-03-02 09:01:10
        2,A,missed,2026-03-02 09:01:10,2026-03-02 09:01:20
        3,,answered,2026-03-02 09:02:00,2026-03-02 09:02:10
        """,
    )  # fmt: skip
    assert piece.calls.select("queue", "wait", "outcome").rows() == [("A", 31.0, "answered")]
    assert [refusal.line for refusal in piece.refusals] == [5, 6, 7]
    assert "says its outcome" in piece.refusals[0].reason
    assert "says its queue" in piece.refusals[2].reason


def test_a_call_with_a_rejected_row_is_rejected_whole(tmp_path: Path, redactor: Redactor) -> None:
    toml = 'same_leg = "one call"\nwait = { column = "wait" }\n' + CALLS + ENTERED
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,at,wait
        1,A,abandoned,2026-03-02 09:00:00,10
        1,A,answered,2026-03-02 09:00:00,1o
        2,A,answered,2026-03-02 09:00:00,3
        """,
    )  # fmt: skip
    assert column(piece, "wait") == [3.0]
    assert refused(piece) == [(3, "wait"), (2, None)]
    assert piece.lines == 4


@pytest.mark.parametrize("block", [None, 60])
def test_the_later_record_is_the_one_updated_last_whatever_its_line(
    tmp_path: Path, redactor: Redactor, block: int | None
) -> None:
    toml = 'updated = { column = "changed", format = "epoch ms" }\nwait = { column = "wait" }\n' + CALLS + ENTERED
    toml += '[[outcome]]\nwhen = { result = "" }\ngives = "open"\n'
    piece = read(
        tmp_path, redactor, toml,
        """
        id,queue,result,at,wait,changed
        1,A,answered,2026-03-02 09:00:00,10,1772442000500
        1,A,,2026-03-02 09:00:00,,1772442000400
        2,A,abandoned,2026-03-02 09:00:00,7,1772442000500
        2,A,,2026-03-02 09:00:00,,1772442000500
        """,
        block=block,
    )  # fmt: skip
    assert piece.calls.select("leg", "outcome", "wait").rows() == [("t/1", "answered", 10.0), ("t/2", "abandoned", 7.0)]
    assert piece.ignored == {"header": 1, "an earlier record of the same call": 2}


def test_rows_of_one_call_that_disagree_are_said(tmp_path: Path, redactor: Redactor) -> None:
    piece = read(tmp_path, redactor, CALLS + ENTERED, RINGING)
    assert any("tell of different outcomes" in words for words in piece.warnings)


def test_rows_of_one_queue_and_interval_are_added(tmp_path: Path, redactor: Redactor) -> None:
    toml = TABLE + "".join(
        f'[[amount]]\ncolumn = "{one}"\nmeasure = "{measure}"\n'
        for one, measure in (("in", "offered"), ("got", "answered"), ("longest", "longest_wait"), ("who", "callers"))
    )
    text = """
        at,queue,media,in,got,longest,who
        02/03/2026 09:30,A,voice,900,800,70,500
        02/03/2026 09:30,A,callback,20,20,90,20
    """
    piece = read(tmp_path, redactor, toml, text)
    assert amounts(piece) == {"offered": 920, "answered": 820, "longest_wait": 90}
    assert list(piece.warnings.values()) == [1, 1]
    assert piece.used == 2
    assert amounts(read(tmp_path, redactor, toml, text, block=60)) == amounts(piece)
    later = read(tmp_path, redactor, 'same_interval = "later row"\n' + toml, text)
    assert amounts(later) == {"offered": 20, "answered": 20, "longest_wait": 90, "callers": 20}


def test_an_interval_told_twice_in_the_same_words_is_said(tmp_path: Path, redactor: Redactor) -> None:
    toml = TABLE + '[[amount]]\ncolumn = "in"\nmeasure = "offered"\n'
    piece = read(tmp_path, redactor, toml, "at,queue,in\n02/03/2026 09:30,A,9\n02/03/2026 09:30,A,9")
    assert any("was the file sent twice" in words for words in piece.warnings)


def test_measures_are_made_of_averages_shares_and_several_columns(tmp_path: Path, redactor: Redactor) -> None:
    toml = (
        TABLE
        + '[[amount]]\ncolumn = ["got", "other"]\nmeasure = "answered"\n'
        + '[[amount]]\ncolumn = "lost %"\nmeasure = "abandoned_total"\npercent_of = "in"\n'
        + '[[amount]]\ncolumn = "asa"\nmeasure = "wait_answered"\ntimes = "got"\nformat = "m:ss"\nunknown = ["-"]\n'
        + '[[amount]]\ncolumn = "in"\nless = "short"\nmeasure = "offered"\n'
        + '[[amount]]\ncolumn = "in sl"\nmeasure = "answered_within"\nthreshold = "20 s"\nshare_of = "got"\n'
    )
    piece = read(
        tmp_path, redactor, toml,
        'at,queue,in,short,got,other,lost %,asa,in sl\n02/03/2026 09:30,A,"1,087",7,"1,000",12,8.0%,1:05,0.9',
    )  # fmt: skip
    # 8.0 % of 1,087 is 86.96: 87 calls; 65 s on average of 1,000 calls
    assert amounts(piece) == {
        "answered": 1012, "abandoned_total": 87, "wait_answered": 65_000, "offered": 1080, "answered_within": 900,
    }  # fmt: skip
    none = read(
        tmp_path, redactor, toml, "at,queue,in,short,got,other,lost %,asa,in sl\n02/03/2026 09:30,A,0,0,0,0,0%,-,0"
    )
    assert amounts(none)["wait_answered"] == 0
    wrong = read(
        tmp_path,
        redactor,
        toml,
        "at,queue,in,short,got,other,lost %,asa,in sl\n02/03/2026 09:30,A,5,6,3,0,108%,0:05,0.5",
    )
    assert refused(wrong) == [(2, "lost %")]


def test_a_percentage_is_no_count(tmp_path: Path, redactor: Redactor) -> None:
    toml = TABLE + '[[amount]]\ncolumn = "lost"\nmeasure = "abandoned_total"\n'
    piece = read(tmp_path, redactor, toml, "at,queue,lost\n02/03/2026 09:30,A,8.0%")
    assert refused(piece) == [(2, "lost")]
    assert "percent_of" in piece.refusals[0].reason


def test_the_decimal_sign_is_said_where_numbers_leave_it_open(tmp_path: Path, redactor: Redactor) -> None:
    toml = TABLE + '[[amount]]\ncolumn = "talk"\nmeasure = "talk"\n[[amount]]\ncolumn = "in"\nmeasure = "offered"\n'
    text = 'at,queue,talk,in\n02/03/2026 09:30,A,"1.087","1.087"'
    assert refused(read(tmp_path, redactor, toml, text)) == [(2, "talk")]
    assert amounts(read(tmp_path, redactor, 'decimal = "comma"\n' + toml, text)) == {"talk": 1087, "offered": 1087}


@pytest.mark.parametrize(
    ("start", "length", "cells", "begins", "ends"),
    [
        ('format = "hh:mm", range = "-", day = "day", day_format = "DD/MM/YYYY"', '"range"',
         "08:30 - 09:00", "02 08:30", "02 09:00"),
        ('format = "hh:mm", range = "-", day = "day", day_format = "DD/MM/YYYY"', '"range"',
         "23:30-24:00", "02 23:30", "03 00:00"),
        ('format = "h:mm AM", range = " - ", day = "day", day_format = "DD/MM/YYYY"', '"range"',
         "11:30 PM - 12:00 AM", "02 23:30", "03 00:00"),
        ('format = "DD/MM/YYYY hh:mm", range = " to ", range_format = "hh:mm"', '"range"',
         "02/03/2026 08:30 to 08:45", "02 08:30", "02 08:45"),
        ('format = "Hmm", day = "day", day_format = "DD/MM/YYYY"', '{ column = "long", format = "min" }',
         "900", "02 09:00", "02 09:15"),
        ('format = "YYYY-\\u0027W\\u0027ww"', '"week"', "2026-W10", "02 00:00", "09 00:00"),
    ],
)  # fmt: skip
def test_an_interval_says_its_own_end(
    tmp_path: Path, redactor: Redactor, start: str, length: str, cells: str, begins: str, ends: str
) -> None:
    toml = f'key = "t"\nwords = "t"\nkind = "intervals"\nlength = {length}\nqueue = {{ constant = "A" }}\n'
    toml += f'start = {{ column = "at", {start} }}\n[[amount]]\ncolumn = "in"\nmeasure = "offered"\n'
    piece = read(tmp_path, redactor, toml, f"at,day,long,in\n{cells},02/03/2026,15,7")
    (row,) = piece.intervals.rows(named=True)
    assert (f"{row['start']:%d %H:%M}", f"{row['end']:%d %H:%M}") == (begins, ends)


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("grouped", [False, True])
def test_both_passes_of_the_repeated_hour_are_told_apart_in_any_order(
    tmp_path: Path, redactor: Redactor, falling: bool, grouped: bool
) -> None:
    clocks = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
    starts = ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]  # UTC, in the order of time
    rows = [f"25/10/2026 {clock},{who},{10 + n}" for n, clock in enumerate(clocks) for who in "AB"]
    rows = rows[::-1] if falling else rows
    rows = sorted(rows, key=lambda row: row.split(",")[0], reverse=falling) if grouped else rows
    toml = TABLE + '[[amount]]\ncolumn = "in"\nmeasure = "offered"\n'
    piece = read(tmp_path, redactor, toml, "\n".join(["at,queue,in", *rows]))
    for who in "AB":
        told = piece.intervals.filter(pl.col("queue") == who).sort("start")
        assert told["start"].dt.strftime("%H:%M").to_list() == starts
        assert told["amount"].to_list() == [10, 11, 12, 13, 14, 15]


def test_media_in_rows_of_their_own_do_not_make_a_second_pass(tmp_path: Path, redactor: Redactor) -> None:
    toml = TABLE + '[[amount]]\ncolumn = "in"\nmeasure = "offered"\n'
    rows = [f"25/10/2026 {at},A,{n}" for at, n in (("00:30", 1), ("00:30", 2), ("01:00", 3), ("01:00", 4))]
    piece = read(tmp_path, redactor, toml, "\n".join(["at,queue,in", *rows])).intervals.sort("start")
    assert piece["amount"].to_list() == [3, 7]


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('wait = { since = "a" }\n' + CALLS + ENTERED, "since needs until"),
        ('wait = { column = "a", until = "b" }\n' + CALLS + ENTERED, "either column or until"),
        ('wait = { until = "b", format = "hh:mm" }\n' + CALLS + ENTERED, "has no day"),
        ('wait = { column = "a", outcome = "lost" }\n' + CALLS + ENTERED, "not an outcome"),
        ('wait = { column = "a", of = "middle" }\n' + CALLS + ENTERED, "not one of deciding"),
        (CALLS + ENTERED + '[[ignore]]\nrule = "x"\nwhen = { a = {} }\n', "what the column says"),
        (CALLS + ENTERED + '[[ignore]]\nrule = "x"\nwhen = { a = { starts = "x" } }\n', "not a setting"),
        (CALLS + ENTERED + '[[ignore]]\nrule = "x"\nwhen = { a = { more_than = "x" } }\n', "not a number"),
        (TABLE + '[[amount]]\ncolumn = "a"\nmeasure = "offered"\ntimes = "b"\nshare_of = "b"\n', "one of times"),
        ('same_leg = "one call"\n' + CALLS.replace('leg = ["id"]', "") + ENTERED, "need leg"),
        ('same_leg = "one call"\nupdated = { column = "u", format = "epoch s" }\n' + CALLS + ENTERED, "not both"),
        ('decimal = "dot"\n' + CALLS + ENTERED, "not one of point, comma"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_is_said(toml: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        mapping_of(tomllib.loads(toml), where="t.toml")


UNNAMED = CALLS.replace('leg = ["id"]\n', "").replace('key = "t"', 'key = "t"\nwait = { column = "id" }') + ENTERED
HEADER = "id,queue,result,at"


def rows_of_calls(count: int) -> list[str]:
    return [f"{n},A,answered,2026-03-02 09:00:{n:02}" for n in range(count)]


@pytest.mark.parametrize("block", [None, 100])
def test_a_file_that_holds_itself_twice_is_counted_once(tmp_path: Path, redactor: Redactor, block: int | None) -> None:
    once = [HEADER, *rows_of_calls(12)]
    piece = read(tmp_path, redactor, UNNAMED, "\n".join(once * 3), block=block)
    assert (piece.call_lines, piece.lines) == (12, 39)
    assert piece.ignored == {"header": 3, "the whole file again": 24}
    plain = read(tmp_path, redactor, UNNAMED, "\n".join(once))
    assert piece.calls["leg"].to_list() == plain.calls["leg"].to_list()


def test_a_short_file_twice_is_proved_by_its_second_header_alone(tmp_path: Path, redactor: Redactor) -> None:
    two = rows_of_calls(2)
    piece = read(tmp_path, redactor, UNNAMED, "\n".join([HEADER, *two, HEADER, *two]))
    assert piece.call_lines == 2
    piece = read(tmp_path, redactor, UNNAMED, "\n".join([HEADER, *two, *two]))
    assert piece.call_lines == 4
    assert any("was the file sent twice" in words for words in piece.warnings)


def test_rows_that_come_again_within_a_file_are_other_calls_and_are_said(tmp_path: Path, redactor: Redactor) -> None:
    rows = rows_of_calls(12)
    piece = read(
        tmp_path, redactor, UNNAMED, "\n".join([HEADER, *rows, *rows[:5], "77,A,answered,2026-03-02 10:00:00"])
    )
    assert piece.call_lines == 18
    assert [times for words, times in piece.warnings.items() if "was the file sent twice" in words] == [5]


def test_a_table_that_holds_itself_twice_is_counted_once(tmp_path: Path, redactor: Redactor) -> None:
    toml = TABLE + '[[amount]]\ncolumn = "in"\nmeasure = "offered"\n'
    rows = [f"02/03/2026 {hour:02}:{minute},A,{hour}" for hour in range(8, 18) for minute in ("00", "30")]
    piece = read(tmp_path, redactor, toml, "\n".join(["at,queue,in", *rows, *rows]))
    assert piece.intervals["amount"].sum() == 2 * sum(range(8, 18))
    assert piece.warnings == {"the whole file again: its rows were counted once": 20}


def test_parts_of_calls_that_come_twice_are_not_added_twice(tmp_path: Path, redactor: Redactor) -> None:
    toml = 'same_leg = "one call"\nwait = { column = "rang", of = "sum" }\n' + CALLS + ENTERED
    once = [line.strip() for line in RINGING.strip().splitlines()]
    piece = read(tmp_path, redactor, toml, "\n".join(once * 2))
    assert piece.calls.sort("leg")["wait"].to_list() == [44.0, 50.0, 14.0]
    assert piece.ignored == {"header": 2, "the whole file again": 7}
