"""The registry of methods: its functions, tests and sources exist, and the page is the one it makes."""

import ast
import importlib
import inspect
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from kcas.reporting.methods import FILE, Method, Source, methods_page, registry

ROOT = Path(__file__).resolve().parents[2]
METHODS = [method for part in registry() for method in part.methods]
SOURCES = sorted({source for method in METHODS for source in method.sources}, key=lambda source: source.line)
REMAKE = "run `python -m kcas.reporting.methods > docs/methods.md`"


@cache
def functions_of(path: str) -> frozenset[str]:
    """The functions of a test file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def found(where: str) -> object:
    """What a dotted name leads to: the longest part that is a module, then its attributes."""
    names = where.split(".")
    for many in range(len(names), 0, -1):
        try:
            thing: object = importlib.import_module(".".join(names[:many]))
        except ModuleNotFoundError:
            continue
        for name in names[many:]:
            thing = getattr(thing, name)
        return thing
    raise ModuleNotFoundError(where)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_leads_to_its_code_and_its_test(method: Method) -> None:
    thing = found(method.where)
    assert callable(thing) or isinstance(thing, property)
    path, test = method.test.split("::")
    assert test in functions_of(path)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.short)
def test_a_source_has_year_title_and_either_a_doi_or_where_it_was_printed(source: Source) -> None:
    assert 1850 < source.year < 2030
    assert len(source.title.split()) >= 2
    assert re.fullmatch(r"10\.\d{4,5}/\S+", source.doi) or re.search(r"\d(st|nd|rd|th)? ?|edition", source.published)
    assert not source.published.endswith(".")


def test_a_method_has_sources_or_else_a_reason_and_none_is_listed_twice() -> None:
    assert [method.name for method in METHODS if bool(method.sources) == bool(method.reason)] == []
    assert len({method.name for method in METHODS}) == len(METHODS)


def test_every_source_is_used() -> None:
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    assert len(told["sources"]) == len(SOURCES)


def test_the_page_is_the_one_the_registry_makes() -> None:
    assert (ROOT / "docs" / "methods.md").read_text(encoding="utf-8") == methods_page(), REMAKE


def family(source: Source) -> str:
    """The first author's family name; an institution's last word but for what it is: "Improvement", "Electric"."""
    return source.authors.split(",")[0].removesuffix(" Company").split()[-1]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_code_of_a_method_names_its_sources(method: Method) -> None:
    thing = found(method.where)
    function = thing.fget if isinstance(thing, property) else thing
    text = Path(inspect.getfile(inspect.unwrap(function))).read_text(encoding="utf-8")  # type: ignore[arg-type]
    assert [source.short for source in method.sources if not named_in(text, source)] == []


def named_in(text: str, source: Source) -> bool:
    """Whether a text has the family name with the year soon after it."""
    return (
        re.search(rf"{re.escape(family(source))}\b[^.\n]{{0,40}}?\n?[^.\n]{{0,40}}?\b{source.year}\b", text) is not None
    )
