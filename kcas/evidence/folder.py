"""Writing of a pack into its folder, whole or not at all, and as one zip file.

Files of a pack: the report in each format, its tables, its charts and its sources.
"""

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from kcas.calls.drill_down import Slice
from kcas.calls.store import Store
from kcas.desk.standard import SHIPPED, Standard
from kcas.errors import SettingError
from kcas.evidence.compose import compose
from kcas.evidence.document import Basis, Document, Table
from kcas.evidence.facts import Facts, Inputs, PackRequest
from kcas.evidence.gather import Source, gather
from kcas.evidence.model_tables import model
from kcas.evidence.protected_counts import guard_of
from kcas.evidence.provenance import VERSION, provenance, run_of, sha256
from kcas.evidence.revisions import Earlier, read_earlier, revisions
from kcas.reporting import call_list, tables
from kcas.systems import replace

_Progress = Callable[[str], None]
EVERY_CALL = 2**31 - 1
READ_ME = """{title}
{desk}. {subtitle}.

Begin with report.html, which opens in any browser; report.docx may be edited, report.pdf printed. tables.xlsx and
tables.ods hold every table, tables/ each as CSV, charts/ the charts as pictures. provenance.json says what all of it
was made from; SHA256SUMS holds the fingerprint of every file.

To check that nothing was altered:   kcas evidence verify FOLDER
(or, without kcas:                   sha256sum --check SHA256SUMS)
"""


def reports(document: Document, *, told: _Progress) -> Iterator[tuple[str, bytes]]:
    """The report as every kind of file."""
    from kcas.evidence.writers import csv, docx, html, ods, pdf, still, xlsx

    whole = (("report.html", html.write), ("report.docx", docx.write), ("report.pdf", pdf.write),
             ("tables.xlsx", xlsx.write),
             ("tables.ods", ods.write))  # fmt: skip
    for name, write in whole:
        told(f"writing {name}")
        yield name, write(document)
    for table in document.tables:
        yield f"tables/{table.key}.csv", csv.write(table)
    for figure in document.figures:
        told(f"drawing {figure.title.lower()}")
        yield f"charts/{figure.key}.svg", still.svg(figure)
        yield f"charts/{figure.key}.png", still.png(figure)
    yield "figures.json", as_json(figures(document))
    read_me = READ_ME.format(title=document.title, desk=document.desk, subtitle=document.subtitle)
    yield "README.txt", read_me.encode()


def figures(document: Document) -> dict[str, Any]:
    """Every table for a program: shares as fractions of one, times in seconds, shorthand as text."""
    return {
        "title": document.title, "desk": document.desk, "made": document.made, "public": document.public,
        "sentences": list(document.sentences),
        "shorthands": {str(mark): meaning for mark, meaning in document.shorthands},
        "tables": {table.key: table_document(table) for table in document.tables},
    }  # fmt: skip


def table_document(table: Table) -> dict[str, Any]:
    """A table for a program."""
    return {
        "title": table.title,
        "columns": [{"heading": column.heading, "kind": str(column.kind)} for column in table.columns],
        "rows": [list(row) for row in table.rows],
        "notes": list(table.notes),
        "basis": basis_document(table.basis),
    }


def basis_document(basis: Basis) -> dict[str, Any]:
    """What a table rests on."""
    return {
        "mark": basis.mark, "definition": basis.definition, "words": basis.words, "period": basis.period,
        "hours": basis.hours, "cut_off": basis.cut_off, "version": basis.version, "run": basis.run,
        "source": basis.source,
    }  # fmt: skip


def _calls(store: Store, facts: Facts) -> bytes:
    """The calls behind the figures, for an internal pack: no caller, no agent."""
    source = Source(store, facts.asked, standard=facts.standard, cut_off=facts.cut_off)
    zone = facts.standard.time_zone
    names = {batch.number: batch.record.name for batch in facts.batches}
    marked = call_list.marked(
        source.chosen(),
        Slice(),
        definition=facts.definition,
        zone=zone,
        begins=facts.standard.day_begins,
        everyone=source.calls,
    )
    listed = call_list.listed(marked, show=call_list.EVERY_CALL, zone=zone, files=names, most=EVERY_CALL).collect()
    return tables.csv(listed.sort(listed.columns, nulls_last=True)).encode()


def as_json(document: Mapping[str, Any]) -> bytes:
    """One document for programs, readable by a person too."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


PROVENANCE, SUMS = "provenance.json", "SHA256SUMS"
EARLIER = "inputs/earlier"
_Told = Callable[[str], None]


def quiet(words: str) -> None:
    """Tell no one."""


def make(
    store: Store, asked: PackRequest, inputs: Inputs, *, standard: Standard, told: _Told = quiet
) -> tuple[Facts, dict[str, bytes]]:
    """Every file of the pack, by its name."""
    earlier = read_earlier(inputs.earlier) if inputs.earlier else None
    modelled = model(inputs.scenarios, asked, standard=standard, progress=_days(told))
    facts = gather(store, asked, standard=standard, model=modelled, told=told)
    given = dict(inputs_of(facts, inputs, earlier))
    run = run_of(facts, inputs=given)
    told("seeing which counts may be shown")
    guard = guard_of(facts)
    document = compose(facts, guard=guard, run=run, version=VERSION)
    if earlier:
        revised = revisions(earlier, document, facts=facts)
        document = compose(facts, guard=guard, run=run, version=VERSION, revised=revised)
    made = {**dict(reports(document, told=told)), **given}
    if not asked.public:
        told("listing the calls")
        made["calls.csv"] = _calls(store, facts)
    whole = provenance(facts, run=run, inputs=given, files=made, earlier=earlier.run if earlier else None)
    made[PROVENANCE] = as_json(whole)
    made[SUMS] = "".join(f"{sha256(made[name])}  {name}\n" for name in sorted(made)).encode()
    return facts, made


def _days(told: _Told) -> Callable[[str, int, int], None]:
    return lambda name, done, of: told(f"simulating {name.replace('-', ' ')}: {done} of {of} days")


def inputs_of(facts: Facts, inputs: Inputs, earlier: Earlier | None) -> Iterator[tuple[str, bytes]]:
    """The files that the pack is made by, which it carries, so that it can be made again."""
    yield "inputs/standard.toml", (inputs.standard or SHIPPED).read_bytes()
    for name, content in facts.model.files.items():
        yield f"inputs/scenarios/{name}", content
    if earlier:
        for name, document in earlier.documents.items():
            yield f"{EARLIER}/{name}", as_json(document)


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Put the files in a new folder: all of them or, whatever happens, none."""
    with new_folder(folder) as under_way:
        for name, content in files.items():
            path = under_way / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def refuse_if_taken(folder: Path) -> None:
    """Raises SettingError where a folder holds anything: earlier packs are kept."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(
            f"--out {folder}: there is something there already, and no pack is ever written over another. Name a new "
            f"folder; if it corrects an earlier pack, say so: --revises {folder}."
        )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the one wanted, which takes its place once all is written."""
    refuse_if_taken(folder)
    under_way = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        under_way.mkdir()
        yield under_way
        if folder.is_dir():
            folder.rmdir()  # empty: refused above otherwise
        replace(under_way, folder)
    except OSError as error:
        raise SettingError(f"--out {folder}: cannot be written ({error.strerror}).") from None
    finally:
        shutil.rmtree(under_way, ignore_errors=True)


def provenance_of(folder: Path) -> dict[str, Any]:
    """A pack's own account of itself. Raises SettingError where there is none."""
    try:
        content = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingError(f"{folder}: no evidence pack: there is no {PROVENANCE} in it.") from None
    except (OSError, ValueError):
        raise SettingError(f"{folder / PROVENANCE}: cannot be read: it was cut short or altered.") from None
    if not isinstance(content, dict):
        raise SettingError(f"{folder / PROVENANCE}: not the account of a pack.")
    return content


_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: nothing in it of the hour
MOST_FILES, MOST_BYTES = 5_000, 2_000_000_000
"""What a pack of ten million calls stays within; anything beyond is not one."""


def zipped(folder: Path) -> bytes:
    """The folder as one zip, its files in a folder of its name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression=zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _MOMENT)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                out.writestr(entry, path.read_bytes())
    return made.getvalue()


def unzipped(given: IO[bytes], into: Path) -> Path:
    """The pack's folder, once unzipped. Raises SettingError for what is no zip of a pack, or would do harm."""
    try:
        with zipfile.ZipFile(given) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries)
            for entry in entries:
                path = into / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(entry))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError):
        raise SettingError("This is not a zip that can be opened. Expected an evidence pack, as one zip.") from None
    return found_in(into)


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise SettingError("This zip is larger than any evidence pack. It was not opened.")
    for entry in entries:
        safe_parts(entry.filename)


def safe_parts(name: str) -> tuple[str, ...]:
    """A file's place within a pack. Raises SettingError where it would lie outside."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0].startswith("/") or ":" in name or "\0" in name:
        raise SettingError("A file in it is named so that it would be written somewhere else. It was not opened.")
    return parts


def found_in(folder: Path) -> Path:
    """The pack in a folder, or in the one folder within it."""
    if (folder / PROVENANCE).is_file():
        return folder
    inside = [path.parent for path in folder.glob(f"*/{PROVENANCE}")]
    if len(inside) != 1:
        raise SettingError(f"There is no evidence pack in it: {PROVENANCE} was not found.")
    return inside[0]
