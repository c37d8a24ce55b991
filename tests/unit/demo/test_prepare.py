"""Does the demo read its own logs as they were made: every call, and every blemish on its very line?"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from kcas.calls.store import Store
from kcas.demo.prepare import SampleLogs, prepare
from kcas.desk.standard import read_standard
from kcas.errors import StoreError
from kcas.importing.run import ImportRequest, import_files
from kcas.ingest.redact import Redactor
from tests.commands import kcas_says

ROOT = Path(__file__).resolve().parents[3]
OLD = "deskline_invented/D"
LONDON = ZoneInfo("Europe/London")
NEW_TELEPHONES = datetime(2010, 3, 1, tzinfo=LONDON)
RESTART = datetime(2010, 6, 14, 10, 15, 7, tzinfo=LONDON)
TAKEN = datetime(2010, 9, 30, 14, 27, 40, tzinfo=LONDON)


@dataclass(frozen=True)
class Prepared:
    """A store the demo filled, and what it said."""

    store: Store
    said: tuple[str, ...]


@pytest.fixture(scope="module")
def prepared(demo: Path) -> Prepared:
    """The demo's store."""
    return Prepared(Store(demo / "store"), tuple((demo / "said.txt").read_text(encoding="utf-8").splitlines()))


def truth(sample: SampleLogs) -> dict[str, tuple[str, float | None]]:
    """What became of each call as far as the logs can tell, worked out call by call."""
    told: dict[str, tuple[str, float | None]] = {}
    for call in sample.calls.iter_rows(named=True):
        came, contact, outcome, wait = call["entered"], call["contact"], call["outcome"], call["wait"]
        if came < NEW_TELEPHONES:
            told[f"{OLD}{contact}"] = (outcome, wait)
            continue
        if came >= TAKEN or outcome == "left_ivr":  # the new system's log does not tell of the menu
            continue
        left = came.timestamp() + (wait or 0)
        if outcome != "blocked" and came < RESTART and left >= RESTART.timestamp():
            outcome, wait = "failed", None
        elif outcome != "blocked" and left >= TAKEN.timestamp():
            outcome, wait = "open", None
        told[contact] = (outcome, wait)
    return told


def keyed(told: dict[str, tuple[str, float | None]], *, key: Path) -> dict[str, tuple[str, float | None]]:
    """The same under the digests by which the store knows the calls: of a call id, a digest of its digest."""
    redactor = Redactor(key, make_key=False)
    names = pl.Series(list(told))
    names = names.zip_with(names.str.starts_with(OLD), redactor.references(names))
    return dict(zip(redactor.identities(names, kind="contact"), told.values(), strict=True))


def test_the_store_holds_every_call_that_the_logs_tell_of(prepared: Prepared, sample: SampleLogs) -> None:
    calls = prepared.store.calls().select("contact", "leg", "outcome", "wait").collect()
    assert calls["leg"].n_unique() == len(calls)
    held = {contact: (outcome, wait) for contact, _, outcome, wait in calls.iter_rows()}
    expected = keyed(truth(sample), key=next(prepared.store.folder.parent.rglob("key")))
    assert Counter(outcome for outcome, _ in held.values()) == Counter(outcome for outcome, _ in expected.values())
    differing = [(key, held.get(key), expected.get(key)) for key in held.keys() | expected.keys()]
    differing = [(key, got, wanted) for key, got, wanted in differing if got != wanted]
    assert differing[:5] == []  # a few: a whole year would take pytest an hour to compare


def test_every_line_refused_is_a_blemish_and_every_blemish_to_be_refused_is(
    prepared: Prepared, sample: SampleLogs
) -> None:
    refused = {
        (batch.record.name, refusal["line"]) for batch in prepared.store.batches() for refusal in batch.record.refusals
    }
    assert refused == {(blemish.file, blemish.line) for blemish in sample.blemishes if blemish.fate == "refused"}
    assert len(refused) == 11


def test_a_day_sent_twice_adds_nothing_and_its_corrected_call_replaces_the_first(
    prepared: Prepared, sample: SampleLogs
) -> None:
    added = {batch.record.name: batch.added for batch in prepared.store.batches()}
    december = Counter(b.fate for b in sample.blemishes if b.file == "invented-deskline-2009-12.csv")
    assert added["invented-deskline-2009-12.csv"].already_held == december["already held"]
    assert added["invented-deskline-2009-12.csv"].superseded == december["superseded"] == 1


def test_the_hour_that_october_has_twice_is_flagged_and_told_apart_by_order(
    prepared: Prepared, sample: SampleLogs
) -> None:
    flagged = prepared.store.calls().filter(pl.col("clock").is_not_null()).collect()
    begins, ends = datetime(2009, 10, 25, 0, tzinfo=UTC), datetime(2009, 10, 25, 2, tzinfo=UTC)
    twice = sample.calls.filter(pl.col("entered").is_between(begins, ends, closed="left"))  # 01:00 to 02:00, twice
    assert set(flagged["clock"]) == {"repeated hour"}
    assert flagged["entered"].sort().to_list() == twice["entered"].sort().to_list()
    assert twice["entered"].dt.hour().n_unique() == 2


def test_no_number_and_no_name_is_kept(prepared: Prepared, sample: SampleLogs) -> None:
    calls = prepared.store.calls().select("caller", "agent").collect()
    assert not set(calls["caller"].drop_nulls()) & set(sample.calls["caller"].drop_nulls())
    assert not set(calls["agent"].drop_nulls()) & set(sample.calls["agent"].drop_nulls())
    tokens = sample.calls.filter(pl.col("entered") < TAKEN.astimezone(UTC))["caller"].n_unique()
    assert abs(calls["caller"].n_unique() - tokens) < 0.01 * tokens  # the same caller in both systems is one token


def test_it_says_that_all_is_invented_and_gives_both_halves_of_each_rate(
    prepared: Prepared, sample: SampleLogs
) -> None:
    assert "INVENTED" in prepared.said[0]
    all_told = truth(sample)
    told = [all_told[key][0] for key in truth_before(sample)]
    lost = sum(outcome in ("abandoned", "abandoned_ringing") for outcome in told)
    offered = sum(outcome not in ("left_ivr", "blocked") for outcome in told)
    [before] = [line for line in prepared.said if "before April 2010" in line]
    assert f"{lost / offered:.1%} abandoned ({lost:,} of {offered:,} offered" in before
    assert before.startswith("Invented")


def truth_before(sample: SampleLogs) -> list[str]:
    """The calls before April 2010, as they are known in the logs that tell of them."""
    april = datetime(2010, 4, 1, tzinfo=LONDON)
    before = sample.calls.filter(pl.col("entered") < april.astimezone(UTC))
    keys = []
    for call in before.select("contact", "entered", "outcome").iter_rows(named=True):
        old = call["entered"] < NEW_TELEPHONES
        if old or call["outcome"] != "left_ivr":
            keys.append(f"{OLD}{call['contact']}" if old else call["contact"])
    return keys


def test_every_command_that_answers_from_invented_calls_says_so(prepared: Prepared) -> None:
    for command in (
        ["measures"],
        ["measures", "--json"],
        ["calls", "--until", "2009-10-02", "--format", "csv"],
        ["since", "2010-04-01"],
    ):
        result = kcas_says(ROOT, *command, "--store", prepared.store.folder)
        assert result.returncode == 0, result.stderr
        assert result.stderr.startswith("Invented sample data."), command
        assert "Invented" not in result.stdout


def test_a_second_run_reuses_what_is_there(prepared: Prepared) -> None:
    before = prepared.store.version()
    said: list[str] = []
    prepare(prepared.store.folder, standard=read_standard(None), say=said.append)
    assert prepared.store.version() == before
    assert any("already" in line for line in said)


def test_invented_calls_are_never_put_among_real_ones(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text("1267432361|1.1|desk|NONE|ENTERQUEUE||5551|1\n1267432369|1.1|desk|NONE|ABANDON|1|1|8\n")
    store = Store(tmp_path / "store")
    import_files([log], store=store, standard=read_standard(None), asked=ImportRequest(key_file=tmp_path / "key"))
    with pytest.raises(StoreError, match=r"holds calls that were not invented \(queue_log\)"):
        prepare(store.folder, standard=read_standard(None), say=print)
    assert store.calls().collect().height == 1
