"""Verification of a pack: checksums of every file and, where the calls are at hand, the pack recreated."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kcas.calls.store import Store
from kcas.desk.standard import read_standard
from kcas.errors import KcasError
from kcas.evidence.facts import Inputs
from kcas.evidence.folder import EARLIER, PROVENANCE, SUMS, make, provenance_of, quiet
from kcas.evidence.provenance import SHAPE, asked_again, environment, sha256

ALTERED, ADDED, MISSING = "altered", "added", "missing"
_Told = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """A file that is not as it was made."""

    file: str
    what: str  # ALTERED, ADDED or MISSING
    how: str


@dataclass(frozen=True)
class Verified:
    """What was found. `again` is None where the pack could not be made again, for the reason in `why`."""

    run: str
    files: int
    findings: tuple[Finding, ...]
    again: bool | None
    differs: tuple[str, ...]  # files that come out otherwise
    why: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether nothing was altered and, if it was made again, every file came out the same."""
        return not self.findings and self.again is not False


def verify(folder: Path, *, store: Store | None, told: _Told = quiet) -> Verified:
    """Check a pack. Raises SettingError where the folder holds none."""
    told("checking every file's fingerprint")
    account = provenance_of(folder)
    findings = tuple(sorted(altered(folder, account), key=lambda finding: finding.file))
    files = len(account.get("files", {})) + 2
    run = str(account.get("run", "not known"))
    if findings:
        why = ("It was not made again, since it is not as it was made.",)
        return Verified(run, files, findings, None, (), why)
    reason = cannot(account, store)
    if reason or store is None:
        return Verified(run, files, findings, None, (), (reason,))
    try:
        differs, explained = made_again(folder, account, store, told=told)
    except KcasError as error:
        return Verified(run, files, findings, None, (), (f"It could not be made again: {error}",))
    return Verified(run, files, findings, not differs, differs, explained)


def altered(folder: Path, account: Mapping[str, Any]) -> Iterator[Finding]:
    """Files that are not what the pack's account and its list of fingerprints say, or that neither names."""
    sums = dict(_sums(folder / SUMS))
    recorded = {name: str(each["sha256"]) for name, each in account.get("files", {}).items()}
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted({*sums, *recorded, SUMS} - set(there)):
        yield Finding(name, MISSING, "it is not in the folder")
    for name, path in there.items():
        if name == SUMS:
            continue
        if name not in recorded and name != PROVENANCE:
            yield Finding(name, ADDED, "the pack was made without it")
            continue
        checksum = sha256(path.read_bytes()) if not path.is_symlink() else "a link to another place"
        wanted = [place[name] for place in (recorded, sums) if name in place]
        if len(wanted) < 1 + (name != PROVENANCE):
            yield Finding(name, ALTERED, f"{SUMS} has no fingerprint of it")
        elif any(each != checksum for each in wanted):
            yield Finding(name, ALTERED, f"its SHA-256 is {checksum[:12]}…, and was {wanted[-1][:12]}…")


def _sums(path: Path) -> Iterator[tuple[str, str]]:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


def cannot(account: Mapping[str, Any], store: Store | None) -> str:
    """Why the pack cannot be made again here; empty where it can."""
    if store is None or not store.exists:
        return "It was not made again, for no store of calls is at hand here: --store says where one is."
    if account.get("shape") != SHAPE:
        return "It was not made again, for another version of the program made it."
    held = {batch.number: batch.record.sha256 for batch in store.batches()}
    lacking = [each["name"] for each in account["read"] if held.get(each["batch"]) != each["sha256"]]
    if lacking:
        return (
            f"It was not made again, for the store at hand is not the one it was made from: it has not read "
            f"{lacking[0]}" + (f" and {len(lacking) - 1} more." if len(lacking) > 1 else ".")
        )
    return ""


def made_again(
    folder: Path, account: Mapping[str, Any], store: Store, *, told: _Told
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files that come out otherwise, and what may be the reason."""
    asked = asked_again(account["asked"], as_at=account["cut_off"]["moment"])
    scenarios, earlier = folder / "inputs" / "scenarios", folder / EARLIER
    inputs = Inputs(
        folder / "inputs" / "standard.toml",
        scenarios if scenarios.is_dir() else None,
        earlier if earlier.is_dir() else None,
    )
    desk = read_standard(inputs.standard)
    facts, made = make(store, asked, inputs, standard=replace(desk, time_zone=asked.zone or desk.time_zone), told=told)
    names = sorted({*made, *account["files"]} - {SUMS, PROVENANCE})
    differs = [name for name in names if name not in made or _bytes(folder / name) != made[name]]
    was, now = account["environment"], environment()
    if _but_environment(made[PROVENANCE]) != _but_environment(_bytes(folder / PROVENANCE)):
        differs.append(PROVENANCE)
    forgot = facts.forgotten_before
    reasons = [f"{name}: {was.get(name)} then, {now[name]} now." for name in ("kcas", "commit", "python")
               if was.get(name) != now[name]]  # fmt: skip
    packages: Mapping[str, str] = was.get("packages", {})
    reasons += [f"{name}: {old} then, {now['packages'].get(name, 'not installed')} now."
                for name, old in packages.items() if now["packages"].get(name) != old]  # fmt: skip
    if differs and forgot:
        reasons.append(f"Calls before {forgot:%Y-%m-%d} have been removed from the store; only their counts are kept.")
    return tuple(differs), tuple(reasons)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _but_environment(content: bytes) -> Any:
    """A pack's account without what made it, which may differ while every figure is the same."""
    account = json.loads(content)
    account.pop("environment", None)
    return account


def sentences(verified: Verified) -> tuple[str, ...]:
    """Whether it is as it was made, and whether it comes out the same again."""
    if verified.findings:
        return (
            f"Not as they were made: {len(verified.findings)} of the pack's files (run {verified.run}). Do not rely on "
            "this copy.",
            *verified.why,
        )
    held = f"None of the {verified.files} files of run {verified.run} was altered, added or taken away."
    if verified.again:
        return (held, "Made again from the calls, every file came out the same, byte for byte.", *verified.why)
    if verified.again is None:
        return (held, *verified.why)
    return (
        held,
        f"Made again from the calls, {len(verified.differs)} files came out otherwise: "
        + ", ".join(verified.differs[:8])
        + (" and others." if len(verified.differs) > 8 else "."),
        *(verified.why or ("Nothing was found that would explain it.",)),
    )
