"""An Asterisk queue_log becomes stays in queues: every event, every trap, any split of it, any order of its files."""

import json
import re
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kcas.errors import LogError
from kcas.ingest.formats.asterisk.lines import fast_rows, strict_rows
from kcas.ingest.formats.asterisk.queue_log import AsteriskQueueLog
from kcas.ingest.log_format import Carried
from kcas.ingest.reading import Head, scanned_block
from tests.unit.ingest.formats.queue_logs import naive, queue_logs
from tests.unit.ingest.formats.read_back import ReadBack, latest, read_back, settings_in

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "asterisk_queue_log"
FORM = AsteriskQueueLog()
LAWS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, lines: list[str] | bytes, carried: Carried | None = None, size: int = 1 << 24) -> ReadBack:
    path = folder / "queue_log"
    path.write_bytes(lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode())
    return read_back(FORM, path, settings=settings_in(folder), carried=carried, size=size)


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.log")))
def test_each_event_and_trap_is_told_as_written_by_hand(tmp_path: Path, name: str) -> None:
    expected = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    told = read(tmp_path, (GOLDEN / f"{name}.log").read_bytes())
    columns = ["line", "contact", "queue", "outcome", "wait", "ring", "talk"]
    keyed = settings_in(tmp_path).redactor.references
    calls = [{**call, "contact": keyed(pl.Series([call["contact"]])).item()} for call in expected["calls"]]
    assert told.calls.sort("line").select(columns).to_dicts() == calls
    assert dict(told.ignored) == expected["ignored"]
    assert told.refused == [tuple(pair) for pair in expected["refused"]]
    assert told.used == expected["used"]
    assert told.call_lines == len(expected["calls"])


def test_an_agent_who_transfers_into_a_queue_does_not_become_a_caller(tmp_path: Path) -> None:
    told = read(tmp_path, (GOLDEN / "transfer_into_a_queue.log").read_bytes())
    assert told.calls["caller"].n_unique() == 1


def test_no_number_is_kept_or_shown(tmp_path: Path) -> None:
    for log in GOLDEN.glob("*.log"):
        told = read(tmp_path, log.read_bytes())
        shown = told.calls.write_csv() + json.dumps([told.ignored, told.reasons, told.carried.loose])
        assert not re.search(r"07700|01632", shown), log.name


def test_a_moment_is_the_entry_into_the_queue_not_the_creation_of_the_channel(tmp_path: Path) -> None:
    told = read(tmp_path, ["1767312000|1767311900.7|Duty|NONE|ENTERQUEUE||07700900001|1"])
    assert told.calls["entered"].dt.epoch("s").to_list() == [1767312000]


def test_the_same_line_ends_names_and_agents_whatever_the_reader(tmp_path: Path) -> None:
    lines = (GOLDEN / "transfers.log").read_text().splitlines()
    plain = read(tmp_path, lines)
    not_plain = read(tmp_path, "".join(f"{line}\n" for line in [*lines, "\0"]).encode())
    assert not_plain.calls.equals(plain.calls)
    assert not_plain.reasons == ["holds a NUL byte"]


fields = st.lists(st.text(st.characters(blacklist_characters="|\n\r\0", codec="utf-8"), max_size=6), max_size=14)


@LAWS
@given(st.lists(fields.map("|".join), min_size=1, max_size=12))
def test_the_fast_reader_gives_the_very_rows_of_the_strict_one(lines: list[str]) -> None:
    block = scanned_block("".join(f"{line}\n" for line in lines).encode(), first_line=7)
    strict, refusals = strict_rows(block)
    assert not refusals
    assert fast_rows(block).equals(strict)


@LAWS
@given(queue_logs())
def test_every_stay_is_told_as_by_walking_through_the_log(tmp_path: Path, lines: list[str]) -> None:
    told = read(tmp_path, lines).calls.sort("line")
    assert told.select("line", "queue", "outcome", "wait", "talk").rows() == naive(lines)


@LAWS
@given(queue_logs(transfers=True), st.integers(1, 300))
def test_the_size_of_the_blocks_changes_nothing(tmp_path: Path, lines: list[str], size: int) -> None:
    whole, in_parts = read(tmp_path, lines), read(tmp_path, lines, size=size)
    assert in_parts.calls.sort("line").equals(whole.calls.sort("line"))
    assert (in_parts.call_lines, in_parts.used, in_parts.ignored) == (whole.call_lines, whole.used, whole.ignored)
    assert in_parts.carried.loose == whole.carried.loose


@LAWS
@given(queue_logs(transfers=True), st.data())
def test_counts_add_over_any_split_of_a_log_and_any_order_of_its_files(
    tmp_path: Path, lines: list[str], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=4)))
    parts = [lines[a:b] for a, b in pairwise([0, *cuts, len(lines)])]
    seconds = [(part[0].split("|")[0]) for part in parts if part]
    assume(len(set(seconds)) == len(seconds))  # two files that begin in the same second have no order between them
    carried, rows = Carried(), []
    for part in data.draw(st.permutations(parts)):
        told = read(tmp_path, part, carried)
        rows.append(told.calls)
        carried = told.carried
    assert latest(rows) == latest([read(tmp_path, lines).calls])


@LAWS
@given(queue_logs(restarts=False), st.data())
def test_files_that_overlap_are_counted_once(tmp_path: Path, lines: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(lines)))
    again = data.draw(st.integers(0, first))
    one = read(tmp_path, lines[:first])
    two = read(tmp_path, lines[again:], one.carried)
    assert latest([one.calls, two.calls]) == latest([read(tmp_path, lines).calls])


def test_what_is_told_again_of_a_caller_s_latest_entry_is_not_of_an_earlier_one(tmp_path: Path) -> None:
    lines = [
        "1767312013|c1|Adults|NONE|ENTERQUEUE|||1",  # never ended in the log
        "1767312019|c1|Adults|NONE|ENTERQUEUE|||1",
        "1767312019|c1|Adults|Ann|SYSCOMPAT|",
        "1767312019|c1|Adults|NONE|ABANDON|1|1|0",
        "1767312020|c2|Adults|NONE|ENTERQUEUE|||1",
    ]
    one = read(tmp_path, lines)
    two = read(tmp_path, lines[2:], one.carried)
    assert latest([one.calls, two.calls]) == latest([one.calls])


@LAWS
@given(
    st.binary(max_size=400)
    | st.lists(
        st.sampled_from(
            [b"1767312000", b"|", b"c1", b"ENTERQUEUE", b"ABANDON", b"\n", b"\xff", b"\0", b'"', b"NONE", b"9" * 30]
        ),
        max_size=60,
    ).map(b"".join),
    st.integers(1, 64),
)
def test_no_bytes_whatever_break_the_reader_or_its_account(tmp_path: Path, data: bytes, size: int) -> None:
    with suppress(LogError):  # what begins like a gzip or in UTF-32 is refused as a whole
        read(tmp_path, data, size=size)


def test_a_log_is_claimed_by_its_lines_and_nothing_else_is() -> None:
    def claims(*lines: str) -> bool:
        return FORM.claims(Head(tuple(line.encode() for line in lines), None, ""))

    assert claims("1767312000|NONE|NONE|NONE|QUEUESTART|")
    assert claims("", "1767312000|1.1|Duty|NONE|ENTERQUEUE||x|1", "broken")
    assert not claims("1767312000|1.1|Duty|NONE|SOMETHING|")
    assert not claims("time|callid|queue|agent|event", "a|b|c|d|e")
    assert not claims("time,callid,queuename,agent,event,data1")


def test_events_kept_for_other_files_are_bounded(tmp_path: Path) -> None:
    lines = [f"{1767312000 + n}|c{n}|Duty|Ann|CONNECT|1|x|1" for n in range(60_000)]
    told = read(tmp_path, lines, size=200_000)
    assert len(told.carried.loose) == 20_000
    assert sum(told.ignored.values()) == 60_000


def test_the_names_of_unknown_events_are_bounded(tmp_path: Path) -> None:
    names = ["X" + "-" * (n // 30) + "y" * (n % 30) for n in range(600)]
    lines = [f"1767312000|c|Duty|NONE|{name}|" for name in names]
    told = read(tmp_path, lines, size=900)
    assert told.ignored.total() == 600
    assert len(told.ignored) == 61
    assert told.ignored["unknown events of many other names"] == 540


# The real logs. Figures: ../shared/data/README.md.


def test_the_real_log_of_2018(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/asterisk_queue_log/queue_log_2018"
    told = read_back(FORM, path, settings=settings_in(tmp_path))
    counts = dict(told.calls["outcome"].value_counts().iter_rows())
    assert counts == {"answered": 93, "abandoned": 12, "timed_out": 1, "open": 2}
    answered = told.calls.filter(pl.col("outcome") == "answered")
    assert answered["wait"].mean() == pytest.approx(38.699, abs=0.0005)
    assert answered["wait"].max() == 279
    assert (answered["wait"] <= 20).sum() == 39
    assert (answered["wait"] <= 60).sum() == 73
    assert answered["talk"].null_count() == 2
    gave_up = told.calls.filter(pl.col("outcome") == "abandoned")["wait"].sort().to_list()
    assert gave_up == [5, 21, 40, 45, 53, 70, 74, 98, 146, 191, 197, 201]
    assert sum(count for rule, count in told.ignored.items() if rule.endswith("outbound")) == 257
    assert told.refused == []


def test_the_real_transfer_that_swaps_call_ids(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/asterisk_queue_log/queue_log_transfer_8_lines"
    told = read_back(FORM, path, settings=settings_in(tmp_path))
    assert told.calls["outcome"].to_list() == ["answered", "answered"]
    assert told.calls["contact"].n_unique() == told.calls["caller"].n_unique() == 1


def stays(folder: Path, *lines: str) -> list[tuple[str, float | None, float | None]]:
    """The outcome, wait and talk of each call that these lines tell of."""
    return read(folder, list(lines)).calls.sort("line").select("outcome", "wait", "talk").rows()


def test_every_word_of_the_dial_plan_for_refused_entry_is_a_busy_tone(tmp_path: Path) -> None:
    refused = ("FULL", "CLOSED", "JOINEMPTY", "JOINUNAVAIL")
    lines = [f"{1_772_442_000 + n}|10.{n}|q|NONE|{word}|" for n, word in enumerate(refused)]
    assert stays(tmp_path, *lines) == [("blocked", None, None)] * 4


@pytest.mark.parametrize("word", ["LEAVEEMPTY", "LEAVEUNAVAIL"])
def test_a_caller_put_out_for_want_of_agents_counts_once_whichever_lines_say_so(tmp_path: Path, word: str) -> None:
    enter = "1772442020|10.4|q|NONE|ENTERQUEUE||01632960091|1"
    left, said = "1772442060|10.4|q|NONE|EXITEMPTY|1|1|40", f"1772442060|10.4|q|NONE|{word}|"
    assert stays(tmp_path, enter, left, said) == [("no_agents", 40, None)]
    assert stays(tmp_path, enter, said) == [("no_agents", 40, None)]


@pytest.mark.parametrize(("ended", "talk"), [
    ("1772447500|cb.9|id2|SIP/21|COMPLETEAGENT|5400||1", None),  # a script wrote both lines in one second
    ("1772447500|cb.9|id2|SIP/21|COMPLETEAGENT|5400|0|1", 0.0),  # the log itself says nought
    ("1772447560|cb.9|id2|SIP/21|COMPLETEAGENT|5400||1", 60.0),  # a minute between the two lines
])  # fmt: skip
def test_an_empty_talk_is_the_time_between_the_lines_or_not_known_and_never_nought(
    tmp_path: Path, ended: str, talk: float | None
) -> None:
    enter = "1772442100|cb.9|id2|NONE|ENTERQUEUE||01632960022"
    connect = "1772447500|cb.9|id2|SIP/21|CONNECT|5400|cb.9|1"
    assert stays(tmp_path, enter, connect, ended) == [("answered", 5400, talk)]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=queue_logs(), size=st.integers(200, 4000))
def test_a_log_that_was_shipped_twice_into_one_file_is_counted_once(
    tmp_path: Path, lines: list[str], size: int
) -> None:
    assume(len({line.split("|")[0] for line in lines}) > 1)
    once, twice = read(tmp_path, lines), read(tmp_path, [*lines, *lines], size=size)
    assert counted(twice) == counted(once)


def counted(told: ReadBack) -> list[tuple[object, ...]]:
    """The stays as they are counted."""
    return told.calls.select("entered", "queue", "outcome", "wait", "talk").sort(pl.all()).rows()


def test_a_log_shipped_by_two_at_once_has_each_line_twice(tmp_path: Path) -> None:
    lines = [
        "1772442000|6.1|99|NONE|ENTERQUEUE||01632960061|1", "1772442002|6.1|99|op|CONNECT|2|6.2|1",
        "1772442006|6.1|99|op|COMPLETECALLER|2|4|1", "1772442020|6.3|99|NONE|ENTERQUEUE||01632960062|1",
        "1772442023|6.3|99|NONE|ABANDON|1|1|3",
    ]  # fmt: skip
    told = read(tmp_path, [line for line in lines for _ in range(2)])
    assert sorted(told.calls["outcome"].to_list()) == ["abandoned", "answered"]
    assert told.ignored["a line that stands in the log before"] == 5


def test_a_caller_put_back_within_one_second_waits_twice(tmp_path: Path) -> None:
    told = stays(
        tmp_path,
        "1772442000|1.1|q|NONE|ENTERQUEUE||1|1", "1772442000|1.1|q|NONE|EXITEMPTY|1|1|0",
        "1772442000|1.1|q|NONE|ENTERQUEUE||1|1", "1772442000|1.1|q|NONE|EXITEMPTY|1|1|0",
    )  # fmt: skip
    assert [outcome for outcome, _, _ in told] == ["no_agents", "no_agents"]
