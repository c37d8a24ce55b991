"""Requests of the pages for long work, each with the call of the library that answers it, and the kinds of job.

No Streamlit here: the child that does the work imports this module.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import kcas
from kcas.api.evidence import EvidenceCheck
from kcas.api.forecast import ForecastBacktest, Forecasts
from kcas.api.modelled import Calibration, Explanation, ModelBacktest, Nowcast
from kcas.api.observed import ImportResult
from kcas.api.simulation import Comparison, Sweep
from kcas.api.staffing import StaffingPlan
from kcas.desk.standard import Standard
from kcas.evidence.folder import found_in
from kcas.ingest.masking import masked
from kcas.job_files import Run, without_folder
from kcas.jobs import Jobs, Limits, Request
from kcas.staffing.shift_file import ShiftRules
from kcas.staffing.target import StaffingTarget

UNSAFE = re.compile(r"[^\w.() -]+")
_LONGEST_NAME = 120  # bytes
ROSTER = "roster.csv"
_MAPPING = "mapping"
OWN_DESK = "own-desk.toml"

SIMULATIONS = Jobs(
    "kcas-what-if-",
    limits=Limits(seconds=900, processor=900, memory=12 * 2**30),  # bytes of address space, most of it never touched
    too_long="Stopped: it took too long. Ask for fewer days, or use the command.",
    rehearsal=f"{__name__}:rehearse",
)
IMPORTS = Jobs(
    "kcas-intake-",
    limits=Limits(seconds=4 * 3600),  # a year of a large desk takes minutes
    too_long="Stopped: it took too long. Read it with kcas ingest.",
    stopped="Stopped. Files already read are kept; the one being read left nothing.",
)
PACKS = Jobs(
    "kcas-evidence-",
    limits=Limits(seconds=3600),
    too_long="Stopped: it took too long. Make it with kcas evidence.",
    stopped="Stopped. No half of a pack is left.",
)
ANSWERS = Jobs("kcas-reason-", limits=Limits(seconds=600, answers=200), too_long="It took too long.")
"""Answers to a question of the store: every visitor finds them, until no one has looked for a day."""

_Shown = TypeVar("_Shown", bound=kcas.Result)


def shown(found: _Shown) -> _Shown:
    """The result with everything that is shown of it worked out: a page has it without the days and calls behind."""
    found.to_dict()
    return found


@dataclass(frozen=True)
class Compare(Request[Comparison]):
    """Scenarios with the same simulated callers; the others are compared with the first."""

    scenarios: tuple[kcas.Scenario, ...]
    days: int
    standard: Standard

    def work(self, run: Run) -> Comparison:
        """Simulate them. Whether inputs leave the data is for the page to say: it has looked at the store."""
        return shown(
            kcas.compare(
                self.scenarios, replications=self.days, standard=self.standard, check_inputs=False, progress=run.step
            )
        )


@dataclass(frozen=True)
class SimulateGrid(Request[Sweep]):
    """A scenario with two inputs changed together, each by several amounts, like "agents=-2,0,2"."""

    scenario: kcas.Scenario
    across: str
    down: str
    days: int
    standard: Standard

    def work(self, run: Run) -> Sweep:
        """Simulate every pair."""
        return shown(
            kcas.sweep(
                self.scenario, across=self.across, down=self.down, replications=self.days, standard=self.standard,
                progress=run.step,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class PlanStaff(Request[StaffingPlan]):
    """The minimum agents that meet a target, with shifts by these rules where there are any."""

    scenario: kcas.Scenario
    target: StaffingTarget
    days: int
    standard: Standard
    weekday: str = ""
    rules: ShiftRules | None = None
    most_heads: int | None = None
    cost_per_hour: float | None = None
    bought: kcas.Scenario | None = None

    def work(self, run: Run) -> StaffingPlan:
        """Search for them."""
        aim = self.target
        return shown(
            kcas.plan_staff(
                self.scenario, target=aim.abandoned, service_level=aim.service_level, confidence=aim.confidence,
                each=aim.each, weekday=self.weekday or None, shifts=self.rules, most_heads=self.most_heads,
                cost_per_hour=self.cost_per_hour, bought=self.bought, replications=self.days, standard=self.standard,
                progress=lambda share, _words: run.step(share, 1),
            )
        )  # fmt: skip


@dataclass(frozen=True)
class CallsChosen:
    """A store, and which of its calls. `last` is the last day, included."""

    store: kcas.CallStore
    first: date
    last: date
    until: date
    queues: tuple[str, ...]

    @property
    def options(self) -> dict[str, Any]:
        """The choice as the library takes it."""
        return {"queues": self.queues, "since": self.first, "until": self.until}


@dataclass(frozen=True)
class FitModel(Request[Calibration]):
    """A model fitted to the calls chosen; the agents on duty by the roster that came with it, if one did."""

    chosen: CallsChosen
    with_roster: bool

    def work(self, run: Run) -> Calibration:
        """Fit it, and write its scenario files."""
        roster = run.given / ROSTER if self.with_roster else None
        found = self.chosen.store.calibrate(roster=roster, progress=run.step, **self.chosen.options)
        return shown(found.save(run.made / OWN_DESK))


@dataclass(frozen=True)
class BacktestModel(Request[ModelBacktest]):
    """Forecasts of past days, from a fit each week or, with `fit_until`, from one alone."""

    chosen: CallsChosen
    with_roster: bool
    fit_until: date | None = None
    given: tuple[str, ...] = ()

    def work(self, run: Run) -> ModelBacktest:
        """Forecast them and score the forecasts."""
        roster = run.given / ROSTER if self.with_roster else None
        return shown(
            self.chosen.store.backtest(
                fit_until=self.fit_until, given=self.given, roster=roster, progress=run.step, **self.chosen.options
            )
        )


@dataclass(frozen=True)
class Explain(Request[Explanation]):
    """Why a day, or all days since one, had the rate they had."""

    store: kcas.CallStore
    queues: tuple[str, ...]
    definition: str
    short: float | None
    day: date | None = None
    since: date | None = None

    def work(self, run: Run) -> Explanation:
        """Share the difference out by cause."""
        return shown(
            self.store.explain(
                self.day, since=self.since, queues=self.queues, definition=self.definition, short=self.short,
                progress=run.step,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class ForecastToday(Request[Nowcast]):
    """How the day will end whose log ends at this time."""

    store: kcas.CallStore
    queues: tuple[str, ...]
    definition: str
    short: float | None
    now: datetime

    def work(self, run: Run) -> Nowcast:
        """Simulate the rest of the day."""
        return shown(self.store.nowcast(self.now, queues=self.queues, definition=self.definition, short=self.short))


@dataclass(frozen=True)
class ForecastAhead(Request[Forecasts]):
    """Calls, agents and rate of days to come, by day or half-hour."""

    store: kcas.CallStore
    queues: tuple[str, ...]
    definition: str
    short: float | None
    days: int
    by: str

    def work(self, run: Run) -> Forecasts:
        """Forecast them from all days of the log."""
        return shown(
            self.store.forecast(self.days, by=self.by, queues=self.queues, definition=self.definition, short=self.short)
        )


@dataclass(frozen=True)
class ScoreForecasts(Request[ForecastBacktest]):
    """How accurate such forecasts were on past days."""

    store: kcas.CallStore
    queues: tuple[str, ...]
    definition: str
    short: float | None

    def work(self, run: Run) -> ForecastBacktest:
        """Forecast every day of the last weeks from the days before it."""
        return shown(
            self.store.forecast_backtest(
                queues=self.queues, definition=self.definition, short=self.short, progress=run.step
            )
        )


@dataclass(frozen=True)
class ImportLogs(Request[ImportResult]):
    """The logs that came with it, into a store; described by the mapping that came with them, if one did."""

    store: kcas.CallStore

    def work(self, run: Run) -> ImportResult:
        """Import them, each whole or not at all."""
        mapping = next((run.given / _MAPPING).glob("*"), None)
        logs = sorted(path for path in run.given.iterdir() if path.name != _MAPPING)
        found = self.store.ingest(logs, mapping=mapping, progress=_files_read(run, len(logs)))
        if not found.reports:
            raise kcas.KcasError("No log was among the files. Upload the log that the mapping describes.")
        cleaned = (replace(each, error=without_folder(each.error, run.folder)) if each.error else each
                   for each in found.reports)  # fmt: skip
        return replace(found, reports=tuple(cleaned))


def _files_read(run: Run, files: int) -> Any:
    seen: dict[str, None] = {}

    def step(name: str, done: int, of: int) -> None:
        seen[name] = None
        run.step(len(seen) - 1 + done / max(1, of), files)

    return step


@dataclass(frozen=True)
class MadePack:
    """An evidence pack that was made: its folder, run and files, and the command that makes it again."""

    folder: Path
    run: str
    files: tuple[tuple[str, int, str], ...]
    """Name, bytes and checksum (SHA-256)."""
    again: str


@dataclass(frozen=True)
class MakePack(Request[MadePack]):
    """An evidence pack of the calls chosen, for publication or not."""

    store: kcas.CallStore
    changed: date
    public: bool
    first: date | None
    until: date | None
    queues: tuple[str, ...]
    definition: str
    short: float | None
    service_level: str
    within: float
    scenarios: Path

    def work(self, run: Run) -> MadePack:
        """Make it."""
        out = run.made / f"evidence-{'public' if self.public else 'internal'}"
        pack = self.store.evidence(
            out, public=self.public, changed=self.changed, since=self.first, until=self.until, queues=self.queues,
            definition=self.definition, short=self.short, service_level=self.service_level, within=self.within,
            scenarios=self.scenarios, progress=run.stage,
        ).to_dict()  # fmt: skip
        files = tuple((each["file"], each["size"], each["sha256"]) for each in pack["files"])
        return MadePack(out, pack["run"], files, without_folder(pack["again"], run.folder))


@dataclass(frozen=True)
class VerifyPack(Request[EvidenceCheck]):
    """The check of the pack that came with it."""

    store: kcas.CallStore

    def work(self, run: Run) -> EvidenceCheck:
        """Verify it."""
        return shown(kcas.verify_evidence(found_in(run.given), store=self.store, progress=run.stage))


def question_name(stamp: str, request: Request[Any], *, program: str | None = None) -> str:
    """A job's name by its question: the same of the same store, by the same settings and program, has the same."""
    asked = [stamp, program or this_program(), repr(request)]
    return hashlib.blake2b(json.dumps(asked).encode(), digest_size=8).hexdigest()


@cache
def this_program() -> str:
    """The program's version and a checksum of its code: a checkout changes without its version."""
    root = Path(kcas.__file__).parent
    code = hashlib.blake2b(digest_size=8)
    for path in sorted(root.rglob("*.py")):
        code.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{kcas.__version__} {code.hexdigest()}"


def put_files(files: Iterable[tuple[str, IO[bytes]]], folder: Path) -> None:
    """Put uploaded files in a folder under safe names; of mappings, which lie in a folder of their own, the last."""
    (folder / _MAPPING).mkdir()
    for number, (given, content) in enumerate(files):
        safe = safe_name(given)
        path = folder / (safe if not (folder / safe).exists() else f"{number + 1}-{safe}")
        if safe.endswith(".toml"):
            for earlier in (folder / _MAPPING).iterdir():
                earlier.unlink()
            path = folder / _MAPPING / safe
        with path.open("wb") as saved:
            shutil.copyfileobj(content, saved)


def safe_name(given: str) -> str:
    """A file name without folders, marks that mean something to a shell, a spreadsheet or a page, or numbers of six
    digits or more: it is a name in a folder of its own, and part of messages."""
    name = masked(UNSAFE.sub("_", Path(given.replace("\\", "/")).name).lstrip(".-_ "))
    return name.encode()[-_LONGEST_NAME:].decode(errors="ignore").lstrip(".-_ ") or "log"  # systems count bytes


TRIAL: dict[str, Any] = {
    "question": "Is everything ready?",
    "day": {"opens": "09:00", "closes": "10:00"},
    "demand": {"calls_per_day": 10},
    "types": {"all": {"share": "100%", "talk": {"distribution": "fixed", "value": "3 min"},
                      "patience": {"distribution": "exponential", "mean": "3 min"}}},
    "teams": {"desk": {"agents": 1}},
}  # fmt: skip
"""An hour that no one asks about."""


def rehearse(*, compiling: bool) -> None:
    """Simulate an hour of nothing as a click does, so that a first answer comes soon; compile only where asked."""
    trial, engine = kcas.Scenario(TRIAL), "compiled" if compiling else None
    shown(kcas.compare([trial, trial], replications=2, engine=engine, standard=Standard(), progress=lambda _, __: None))
