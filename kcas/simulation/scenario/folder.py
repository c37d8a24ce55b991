"""Saved scenarios: one folder of TOML files that others can start from."""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kcas
from kcas.distributions.law_table import NAME
from kcas.errors import ScenarioError
from kcas.simulation.scenario.file import LARGEST_FILE, read_scenario

BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDEST = 100  # characters of a list on one line


def toml(tables: Mapping[str, Any]) -> str:
    """The tables as TOML. Laws, shifts and other small tables stay on the line of their key."""
    return "\n".join(_lines(tables, above=())).strip() + "\n"


def _lines(tables: Mapping[str, Any], *, above: tuple[str, ...]) -> Iterator[str]:
    parts = {key: value for key, value in tables.items() if isinstance(value, Mapping) and NAME not in value}
    own = {key: value for key, value in tables.items() if key not in parts}
    if above and (own or not parts):
        yield f"\n[{'.'.join(_key(name) for name in above)}]"
    for key, value in own.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in parts.items():
        yield from _lines(value, above=(*above, key))


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        inner = [_value(each) for each in value]
        short = f"[{', '.join(inner)}]"
        return short if len(short) <= WIDEST else "[\n" + "".join(f"    {each},\n" for each in inner) + "]"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.1f}"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


PACKAGE = Path(kcas.__file__).resolve().parent
SHIPPED = (PACKAGE / "scenarios", PACKAGE.parent / "scenarios")
"""In an installation they lie in the package; beside the source, in a folder of their own."""
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME = 60
MOST_FILES = 500


def shipped() -> Path | None:
    """The folder of the scenarios that came with the program, where it has them."""
    return next((folder for folder in SHIPPED if folder.is_dir()), None)


def beside(store: Path) -> Path:
    """The folder of the scenarios that people keep on the pages of a store: next to its own, `kcas-data-scenarios`."""
    store = store.resolve()
    return store.with_name(f"{store.name}-scenarios")


def made(folder: Path) -> Path:
    """A folder to keep scenarios in; where it is new, with a copy of each that came with the program.

    A kept file starts from another of its folder, so that it means the same after the program has changed. Raises
    ScenarioError where it cannot be written.
    """
    source = shipped()
    if folder.is_dir():
        return folder
    draft = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}.new")
    try:
        draft.mkdir()
        for path in sorted(source.rglob("*.toml")) if source else ():
            copy = draft / path.relative_to(source or path.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
        draft.rename(folder)
    except OSError as error:
        if not folder.is_dir():  # else another visitor made it in the same moment
            raise ScenarioError(
                f"{folder}: cannot be made ({error.strerror}). Set KCAS_SCENARIOS to a folder that can be written."
            ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def scenario_path(text: str) -> Path:
    """The scenario file that a person names: one of theirs, or one that came with the program, like `today`.

    A name of neither stays as it is: reading it says that it is not there.
    """
    given, folder = Path(text), shipped()
    if given.exists() or folder is None or given.is_absolute():
        return given
    inside = Path(*given.parts[1:]) if given.parts[:1] == (folder.name,) else given
    for path in (folder / inside, folder / f"{inside}.toml"):
        if ".." not in path.parts and path.is_file():
            return path
    return given


def file_name(text: str) -> str:
    """A name for a file from a person's words: "Two more at ten" is two-more-at-ten. Raises ScenarioError."""
    name = re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ScenarioError(
            f"{text!r} is not valid as a name. Expected a few letters and digits, like two-more-at-ten."
        )
    return name


def scenario_text(own: Mapping[str, Any], *, question: str, starts_from: str) -> str:
    """A scenario file that says only what differs from another."""
    return toml({"starts_from": f"{starts_from}.toml", "question": question} | dict(own))


def save(folder: Path, name: str, text: str) -> Path:
    """Keep a scenario under a name not yet taken. Raises ScenarioError, and keeps nothing, where it is not valid."""
    path = folder / f"{file_name(name)}.toml"
    if len(text.encode()) > LARGEST_FILE:
        raise ScenarioError(f"{path.name}: larger than {LARGEST_FILE:,} bytes. A scenario is a page of text.")
    if sum(1 for _ in folder.glob("*.toml")) >= MOST_FILES:
        raise ScenarioError(f"{folder}: {MOST_FILES} scenarios are kept already. Delete some of them first.")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ScenarioError(f"{path.name}: there is a scenario of that name. Choose another name.") from None
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be written ({error.strerror}). Set KCAS_SCENARIOS to a folder.") from None
    try:
        read_scenario(path)
    except BaseException:
        path.unlink()
        raise
    return path


def bring_in(folder: Path, given: str, content: bytes) -> Path:
    """Keep a scenario file that was handed in. Raises ScenarioError where it is not one."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"{given}: not UTF-8 text. Save it as UTF-8.") from None
    return save(folder, given.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".toml"), text)
