"""Is a pack the same bytes whenever it is made, is any change found, and is nothing in it that should not be?"""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import docx
import openpyxl
import pytest

from kcas.calls.store import Store
from kcas.desk.standard import read_standard
from kcas.errors import SettingError, StoreError
from kcas.evidence.document import CONFIDENTIAL, NOT_AVAILABLE
from kcas.evidence.facts import Inputs, PackRequest
from kcas.evidence.folder import make, write
from kcas.evidence.sentences import why_not
from kcas.evidence.verify import verify
from tests.pages.conftest import keep

CHANGED = date(2010, 4, 1)
FIRST = date(2009, 12, 28)  # a Monday
ASKED = PackRequest(CHANGED, public=False, days=2)
HOSTILE = '=1+1|<script>alert("x")</script>\u202eevil 😀'
MARKED = "caller-token-of-somebody"


def week_of(monday: date, *, lost: int, answered: int, queue: str = "public") -> list[dict[str, object]]:
    """A week's calls, all of its Monday at noon UTC and after: some lost after 60 s, the others answered after 10."""
    ways = [("abandoned", 60.0)] * lost + [("answered", 10.0)] * answered
    return [
        {
            "leg": f"{monday}/{queue}/{n}", "contact": f"{monday}/{queue}/{n}", "queue": queue, "outcome": outcome,
            "entered": datetime(monday.year, monday.month, monday.day, 12, n % 60, tzinfo=UTC), "wait": wait,
            "talk": 100.0 if outcome == "answered" else None, "caller": f"{MARKED}-{n % 7}", "line": n + 2,
        }
        for n, (outcome, wait) in enumerate(ways)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Fourteen weeks with 20 of 100 lost, then thirteen with 10; a second queue with few calls, 3 of them lost."""
    rows = []
    for n in range(27):
        monday = FIRST + timedelta(weeks=n)
        rows += week_of(monday, lost=20 if monday < CHANGED else 10, answered=80 if monday < CHANGED else 90)
    rows += week_of(FIRST, lost=3, answered=40, queue=HOSTILE)
    folder = tmp_path_factory.mktemp("read") / "store"
    keep(folder, rows, name='=cmd()"<i>log</i>".csv')
    return Store(folder)


@pytest.fixture
def store(read: Store, tmp_path: Path) -> Store:
    """A copy, to be written to."""
    return Store(Path(shutil.copytree(read.folder, tmp_path / "store")))


@pytest.fixture(scope="module")
def internal(read: Store) -> dict[str, bytes]:
    """The files of an internal pack."""
    return made(read)


@pytest.fixture(scope="module")
def public(read: Store) -> dict[str, bytes]:
    """The files of a public one."""
    return made(read, replace(ASKED, public=True))


def made(store: Store, asked: PackRequest = ASKED, inputs: Inputs | None = None) -> dict[str, bytes]:
    desk = read_standard(inputs.standard if inputs else None)
    return make(store, asked, inputs or Inputs(), standard=desk)[1]


def table(files: dict[str, bytes], key: str) -> list[dict[str, object]]:
    """A table of figures.json as rows by heading."""
    found = json.loads(files["figures.json"])["tables"][key]
    headings = [column["heading"] for column in found["columns"]]
    return [dict(zip(headings, row, strict=True)) for row in found["rows"]]


def test_the_five_sentences_say_now_then_difference_verdict_and_definition(internal: dict[str, bytes]) -> None:
    sentences = json.loads(internal["figures.json"])["sentences"]
    assert len(sentences) == 5
    # 14 Mondays before (28 December to 29 March), 13 from 5 April on; 43 more calls, 3 of them lost, on the first.
    assert "the share of calls abandoned was 10.0% (130 of 1,300; 95% interval between days" in sentences[0]
    assert "it was 19.6% (283 of 1,443; 95% interval between days" in sentences[1]
    assert re.search(r"is −\d\d?\.\d percentage points \(95% interval −\d\d?\.\d to −\d\d?\.\d\)", sentences[2])
    assert "“lower”" in sentences[3]
    assert sentences[4] == "Counted by “all_offered”: abandoned ÷ offered; calls still open are left out."


def test_a_rate_has_one_interval_on_the_first_page_and_in_its_table(internal: dict[str, bytes]) -> None:
    for row, said in zip(table(internal, "iv-calls")[::-1], json.loads(internal["figures.json"])["sentences"][:2],
                         strict=True):  # fmt: skip
        low, high = (100 * float(str(row[end])) for end in ("Low (95%)", "High (95%)"))
        assert f"interval between days {low:.1f}% to {high:.1f}%" in said


def test_a_rate_that_is_not_told_says_why_as_people_would() -> None:
    assert why_not(CONFIDENTIAL, 1300).startswith("cannot be published")
    assert "fewer than 20 calls, and there were 7" in why_not(2, 7)
    assert "fewer than 20 calls, and there were none" in why_not(0, 0)
    assert "the log does not tell" in why_not(NOT_AVAILABLE, 1300)


def test_the_patience_table_claims_nothing_beyond_the_longest_wait_seen(internal: dict[str, bytes]) -> None:
    rows = {str(row["After waiting"]): row["Would still wait"] for row in table(internal, "patience")}
    assert rows["45 s"] == 1.0  # nobody gave up before 60 s
    assert rows["60 s"] == 0.0  # those who were still there gave up then: only answers came before
    assert {rows[f"{at} s"] for at in (90, 120, 180, 300, 600)} == {"[x]"}


def test_the_rows_of_a_table_add_up_to_the_whole(internal: dict[str, bytes]) -> None:
    for key in ("by-month", "by-week", "by-weekday", "by-queue", "by-half-hour-of-day"):
        *parts, whole = table(internal, key)
        for heading in ("Offered", "Answered", "Abandoned", "Counted as lost", "Out of"):
            assert sum(int(str(row[heading])) for row in parts) == whole[heading]
        assert (whole["Counted as lost"], whole["Out of"]) == (413, 2743)


def test_the_same_question_gives_the_same_bytes(read: Store, internal: dict[str, bytes]) -> None:
    assert made(read) == internal


def test_another_question_has_another_run(read: Store, internal: dict[str, bytes], public: dict[str, bytes]) -> None:
    other = made(read, replace(ASKED, queues=("public",)))
    assert len({json.loads(files["provenance.json"])["run"] for files in (internal, public, other)}) == 3


def test_a_pack_comes_out_the_same_after_the_store_has_moved_on(
    store: Store, internal: dict[str, bytes], tmp_path: Path
) -> None:
    write(internal, tmp_path / "pack")
    corrected = week_of(FIRST, lost=20, answered=80)
    keep(store.folder, [{**row, "outcome": "abandoned"} for row in corrected], name="correction.csv")
    found = verify(tmp_path / "pack", store=store)
    assert (found.good, found.again, found.differs) == (True, True, ())
    assert table(made(store), "by-month")[0] != table(internal, "by-month")[0]


@pytest.mark.parametrize(
    ("spoil", "file", "what"),
    [
        (lambda pack: (pack / "report.html").write_text("better news"), "report.html", "altered"),
        (lambda pack: (pack / "tables" / "by-month.csv").unlink(), "tables/by-month.csv", "missing"),
        (lambda pack: (pack / "tables" / "more.csv").write_text("x"), "tables/more.csv", "added"),
        (lambda pack: (pack / "SHA256SUMS").unlink(), "SHA256SUMS", "missing"),
        (
            lambda pack: (pack / "provenance.json").write_text(
                (pack / "provenance.json").read_text().replace('"seed": 2010', '"seed": 2011')
            ),
            "provenance.json",
            "altered",
        ),
    ],
)
def test_any_change_to_a_pack_is_found_and_named(
    internal: dict[str, bytes], tmp_path: Path, spoil: Callable[[Path], object], file: str, what: str
) -> None:
    write(internal, tmp_path / "pack")
    spoil(tmp_path / "pack")
    found = verify(tmp_path / "pack", store=None)
    assert not found.good
    assert (file, what) in {(each.file, each.what) for each in found.findings}


def test_a_forger_who_mends_the_fingerprints_is_found_by_making_the_pack_again(
    read: Store, internal: dict[str, bytes], tmp_path: Path
) -> None:
    files = dict(internal)
    forged = files["report.html"].replace(b"10.0%", b"9.0%")
    account = json.loads(files["provenance.json"])
    from kcas.evidence.folder import as_json
    from kcas.evidence.provenance import sha256

    account["files"]["report.html"] = {"sha256": sha256(forged), "size": len(forged)}
    files |= {"report.html": forged, "provenance.json": as_json(account)}
    files["SHA256SUMS"] = "".join(f"{sha256(files[n])}  {n}\n" for n in sorted(files) if n != "SHA256SUMS").encode()
    write(files, tmp_path / "pack")
    found = verify(tmp_path / "pack", store=read)
    assert (found.findings, found.again, found.good) == ((), False, False)
    assert set(found.differs) == {"report.html", "provenance.json"}


def test_without_its_store_a_pack_is_checked_and_not_made_again(internal: dict[str, bytes], tmp_path: Path) -> None:
    write(internal, tmp_path / "pack")
    found = verify(tmp_path / "pack", store=None)
    assert (found.good, found.again) == (True, None)
    other = tmp_path / "other"
    keep(other, week_of(FIRST, lost=1, answered=1), name="other.csv")
    assert "it has not read" in verify(tmp_path / "pack", store=Store(other)).why[0]


def test_what_is_no_pack_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"no evidence pack: there is no provenance\.json"):
        verify(tmp_path, store=None)


def test_a_pack_is_never_written_over_another(tmp_path: Path) -> None:
    write({"a.txt": b"1"}, tmp_path / "pack")
    with pytest.raises(SettingError, match="no pack is ever written over another"):
        write({"a.txt": b"2"}, tmp_path / "pack")
    assert (tmp_path / "pack" / "a.txt").read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pack"]  # nothing half-made is left


def test_a_public_pack_has_no_call_no_caller_and_no_small_count(public: dict[str, bytes]) -> None:
    files = public
    assert "calls.csv" not in files
    assert not any(MARKED.encode() in content for content in files.values())
    [small] = [row for row in table(files, "by-queue") if row["Queue"] == HOSTILE]
    assert small["Counted as lost"] == small["Abandoned"] == small["Share lost"] == "[c]"
    # the other queue's, or the sum, would tell the three: one of them is hidden too
    [other] = [row for row in table(files, "by-queue") if row["Queue"] == "public"]
    whole = table(files, "by-queue")[-1]
    assert "[c]" in (other["Counted as lost"], whole["Counted as lost"])


def test_an_internal_pack_lists_the_calls_and_still_no_caller(internal: dict[str, bytes]) -> None:
    files = internal
    assert len(list(csv.reader(io.StringIO(files["calls.csv"].decode())))) == 2743 + 1
    assert not any(MARKED.encode() in content for content in files.values())


def test_counts_can_be_rounded_instead(read: Store, tmp_path: Path) -> None:
    desk = tmp_path / "desk.toml"
    desk.write_text('[privacy]\nsmall_counts = "rounded to 5"\n')
    files = made(read, replace(ASKED, public=True), Inputs(standard=desk))
    for row in table(files, "by-month"):
        assert int(str(row["Counted as lost"])) % 5 == int(str(row["Out of"])) % 5 == 0
        assert row["Share lost"] == pytest.approx(int(str(row["Counted as lost"])) / int(str(row["Out of"])), abs=1e-6)
    # from both ends of an interval of the counts as they are, the rounded ones could be had back
    assert {row["Low (95%)"] for row in table(files, "iv-calls")} == {"[x]"}
    assert "between days" not in json.loads(files["figures.json"])["sentences"][0]
    before, after, change = table(files, "since")
    assert {before["Counted as lost"], after["Counted as lost"]} == {"[c]"}
    assert "[c]" in change.values()  # with the total, the difference would give both sides' counts
    assert "Relative risk" not in files["report.html"].decode()


def test_hostile_names_arrive_as_text(internal: dict[str, bytes]) -> None:
    files = internal
    page = files["report.html"].decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    rows = list(csv.reader(io.StringIO(files["tables/by-queue.csv"].decode())))
    assert any(row[0].startswith("'=1+1|<script>") for row in rows)
    assert not any(row[0].startswith("=") for row in rows)
    sheets = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=1+1|<script>") for cell in cells)


def test_ten_thousand_characters_of_an_action_arrive_whole(read: Store, tmp_path: Path) -> None:
    desk = tmp_path / "desk.toml"
    said = "=1+1 " + "x" * 9_000 + " <b>&amp;</b> [link](http://x.invalid) #set page() $1$ 😀 end"
    desk.write_text(f"[[actions]]\ndate = 2010-04-01\npoint = 'i'\nwhat = '{said}'\n", encoding="utf-8")
    files = made(read, ASKED, Inputs(standard=desk))
    assert table(files, "i-actions")[0]["What was done"] == said
    written = docx.Document(io.BytesIO(files["report.docx"]))
    assert any("<b>&amp;</b> [link](http://x.invalid) #set page() $1$" in cell.text
               for found in written.tables for row in found.rows for cell in row.cells)  # fmt: skip
    assert b"<b>&amp;</b> [link]" not in files["report.html"]
    assert b"&lt;b&gt;&amp;amp;&lt;/b&gt; [link](http://x.invalid)" in files["report.html"]


def test_a_public_ledger_does_not_tell_how_many_calls_a_file_brought(
    public: dict[str, bytes], internal: dict[str, bytes]
) -> None:
    [told], [all_told] = (json.loads(files["provenance.json"])["read"] for files in (public, internal))
    assert (told["lines"], all_told["lines"]) == (2745, 2744)  # 2743 calls and a heading
    assert not {"new", "call_lines", "ignored"} & set(told)
    assert {column for row in table(public, "files-read") for column in row} == {
        "File", "Read in", "Format", "Lines", "Lines refused", "SHA-256",
    }  # fmt: skip


def test_actions_on_record_are_told_under_their_point_with_before_and_after(read: Store, tmp_path: Path) -> None:
    desk = tmp_path / "desk.toml"
    desk.write_text('[[actions]]\ndate = 2010-03-01\npoint = "ii"\nwhat = "New telephones"\n')
    files = made(read, ASKED, Inputs(standard=desk))
    assert [(row["Day"], row["What was done"]) for row in table(files, "ii-actions")] == [
        ("2010-03-01", "New telephones")
    ]
    before, after = table(files, "ii-calls")
    # nine Mondays of 100 calls and the 43 before 1 March; eighteen from it on
    assert (before["Out of"], after["Out of"]) == (943, 1800)
    assert "No action is recorded for point (i)" in files["report.html"].decode()


def test_what_was_written_down_does_not_pass_for_counted(internal: dict[str, bytes]) -> None:
    figures = json.loads(internal["figures.json"])["tables"]
    marks = {key: each["basis"]["mark"] for key, each in figures.items()}
    on_record = {key for key, mark in marks.items() if mark == "On record"}
    assert {"settings", "holidays", "targets", "files-read", "words-used"} <= on_record
    assert {"by-month", "by-week", "by-queue", "iv-calls", "since"} <= {k for k, m in marks.items() if m == "Observed"}
    rows = list(csv.DictReader(io.StringIO(internal["tables/settings.csv"].decode("utf-8"))))
    assert {row["Observed or model"] for row in rows} == {"On record"}


def test_a_revision_says_what_changed_why_and_by_how_much(
    store: Store, internal: dict[str, bytes], tmp_path: Path
) -> None:
    write(internal, tmp_path / "first")
    late = week_of(FIRST, lost=20, answered=80)[:5]
    keep(store.folder, [{**row, "outcome": "answered", "talk": 9.0} for row in late], name="late-correction.csv")
    files = made(store, ASKED, Inputs(earlier=tmp_path / "first"))
    page = files["report.html"].decode()
    assert "A file read since, late-correction.csv: 0 new calls, 5 corrected." in page
    rows = {row["Which"]: row for row in table(files, "revisions")}
    assert (rows["December 2009"]["Counted as lost, then"], rows["December 2009"]["Counted as lost, now"]) == (23, 18)
    assert "January 2010" not in rows
    write(files, tmp_path / "second")
    assert verify(tmp_path / "second", store=store).good


def test_a_revision_of_nothing_says_so(read: Store, internal: dict[str, bytes], tmp_path: Path) -> None:
    write(internal, tmp_path / "first")
    page = made(read, ASKED, Inputs(earlier=tmp_path / "first"))["report.html"].decode()
    assert "Nothing that the figures are made from has changed." in page


def test_a_day_of_change_outside_the_calls_is_refused(read: Store) -> None:
    with pytest.raises(SettingError, match="Expected a day within them"):
        made(read, replace(ASKED, changed=date(2012, 1, 1)))


def test_before_anything_was_read_there_is_no_evidence(read: Store) -> None:
    with pytest.raises(StoreError, match="no log had been read in by 2001"):
        made(read, replace(ASKED, as_at=datetime(2001, 1, 1, tzinfo=UTC)))


def test_calls_removed_for_good_are_named_when_a_pack_comes_out_otherwise(
    store: Store, internal: dict[str, bytes], tmp_path: Path
) -> None:
    write(internal, tmp_path / "pack")
    store.forget(date(2010, 2, 1), zone="Europe/London", thresholds=(5.0, 20.0, 30.0, 60.0))
    found = verify(tmp_path / "pack", store=store)
    assert (found.findings, found.again) == ((), False)
    assert "calls.csv" in found.differs
    assert "tables/by-month.csv" not in found.differs  # counts are kept
    assert any("Calls before 2010-02-01 have been removed" in why for why in found.why)


def test_the_model_is_counted_by_what_the_pack_is_asked_to_count_by(read: Store) -> None:
    scenarios = Inputs(scenarios=Path(__file__).resolve().parents[3] / "scenarios")
    every, late = (
        made(read, replace(ASKED, definition=key), scenarios) for key in ("all_offered", "nhs111_mds")
    )  # fmt: skip
    table_of = json.loads(late["figures.json"])["tables"]["model-i"]
    assert (table_of["basis"]["definition"], table_of["basis"]["mark"]) == ("nhs111_mds", "Model, not observed")
    all_lost, lost_late = table(every, "model-i")[0], table(late, "model-i")[0]
    assert all_lost["Out of"] == lost_late["Out of"]  # the same calls on the same dice
    assert float(str(lost_late["Abandoned a day"])) < float(str(all_lost["Abandoned a day"]))
    assert [row["Scenario"] for row in table(late, "model-i")] == ["today", "assessment given up"]


def test_the_halves_of_the_verdict_stand_in_a_public_pack_and_follow_from_no_hidden_week(
    public: dict[str, bytes],
) -> None:
    before, after, _ = table(public, "since")
    # thirteen whole weeks before that of 1 April, with the 43 calls of the first; thirteen of 10 in 100 after it
    assert (before["Counted as lost"], before["Out of"]) == (263, 1343)
    assert (after["Counted as lost"], after["Out of"]) == (130, 1300)
