"""Evidence packs: made from a store, and verified by anyone who holds one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result, plain_values
from kcas.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.store import CallStore
    from kcas.evidence.facts import Facts, PackRequest
    from kcas.evidence.verify import Verified


@dataclass(frozen=True)
class EvidencePack(Result):
    """A pack in its folder: what it says, and every file with its checksum."""

    folder: Path
    facts: Facts
    files: Mapping[str, bytes]

    @cached_property
    def _figures(self) -> dict[str, Any]:
        return dict(json.loads(self.files["figures.json"]))

    @cached_property
    def _provenance(self) -> dict[str, Any]:
        return dict(json.loads(self.files["provenance.json"]))

    @property
    def run(self) -> str:
        """The number of the run, by which the pack is named."""
        return str(self._provenance["run"])

    @property
    def sentences(self) -> list[str]:
        """What the pack says, in short."""
        return list(self._figures["sentences"])

    def to_dict(self) -> dict[str, Any]:
        """What `kcas evidence --json` prints."""
        return plain_values({
            "folder": str(self.folder), "run": self.run, "public": self.facts.asked.public,
            "cut_off": self.facts.cut_off, "sentences": self.sentences, "again": self._provenance["again"],
            "files": self._rows(),
        })  # fmt: skip

    def _rows(self) -> list[dict[str, Any]]:
        named = self._provenance["files"].items()
        return [{"file": name, "sha256": each["sha256"], "size": each["size"]} for name, each in named]

    def to_frame(self) -> pl.DataFrame:
        """One row a file: its checksum (SHA-256) and size in bytes."""
        import polars as pl

        return pl.DataFrame(self._rows())

    def plot(self) -> Any:
        """The control chart of weeks that the pack shows."""
        from kcas.reporting import control, control_charts
        from kcas.reporting.palettes import LIGHT

        chart = self.facts.charts.get("week") or next(iter(self.facts.charts.values()))
        return control_charts.control_chart(control.with_limits(chart), by=chart.by, palette=LIGHT).to_altair()


@dataclass(frozen=True)
class EvidenceCheck(Result):
    """What the check of a pack found: checksums, and the pack made again where its calls are available."""

    folder: Path
    found: Verified

    @property
    def good(self) -> bool:
        """Whether nothing was altered, as far as could be checked."""
        return self.found.good

    @property
    def sentences(self) -> tuple[str, ...]:
        """The findings in words."""
        from kcas.evidence.verify import sentences

        return sentences(self.found)

    def to_dict(self) -> dict[str, Any]:
        """What `kcas evidence verify --json` prints."""
        found = self.found
        return plain_values({
            "folder": str(self.folder), "run": found.run, "good": found.good, "files": found.files,
            "findings": [{"file": each.file, "what": each.what, "how": each.how} for each in found.findings],
            "made_again": found.again, "differs": list(found.differs), "why": list(found.why),
        })  # fmt: skip

    def to_frame(self) -> pl.DataFrame:
        """One row a finding: the file, what is wrong and how."""
        import polars as pl

        rows = [(each.file, each.what, each.how) for each in self.found.findings]
        return pl.DataFrame(rows, schema=dict.fromkeys(("file", "what", "how"), pl.String), orient="row")

    def plot(self) -> Any:
        """A check has no chart: raises SettingError."""
        raise SettingError("The check of a pack has no chart. Its findings are in to_frame().")


def pack(
    store: CallStore, asked: PackRequest, *, out: Path, scenarios: Path | None, revises: Path | None,
    progress: Callable[[str], None],
) -> EvidencePack:  # fmt: skip
    """The pack that is asked for, in a new folder. Raises SettingError where the folder is taken."""
    from kcas.evidence.facts import Inputs
    from kcas.evidence.folder import make, refuse_if_taken, write
    from kcas.simulation.scenario.folder import shipped

    refuse_if_taken(out)
    if store.settings_file is None:
        raise SettingError("evidence: a pack carries its settings file. Open the store with one: standard=FILE.")
    if scenarios is not None and not scenarios.is_dir():
        raise SettingError(f"--scenarios {scenarios}: there is no such folder. Expected one with scenario files.")
    inputs = Inputs(store.settings_file, scenarios or shipped(), revises)
    facts, files = make(store.store, asked, inputs, standard=store.standard, told=progress)
    progress("putting it in its folder")
    write(files, out)
    return EvidencePack(out, facts, files)


def verify_evidence(
    folder: str | Path, *, store: CallStore | None = None, progress: Callable[[str], None] | None = None
) -> EvidenceCheck:
    """The check of a pack: every checksum, and with a `store` of its calls the pack made again."""
    from kcas.evidence.folder import quiet
    from kcas.evidence.verify import verify

    kept = store.store if store is not None and store.store.exists else None
    return EvidenceCheck(Path(folder), verify(Path(folder), store=kept, told=progress or quiet))
