"""Registry of the statistical and operations research methods in use, and the page made from it.

Each method has its standard name, formula, source, function and test. Dotted names and test names are text, so that
the page imports nothing of what it lists.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

FILE = Path(__file__).with_suffix(".toml")

PREFACE = """# Methods

Made from the registry by `python -m kcas.reporting.methods > docs/methods.md`. A test holds the two together, and
checks that every function and every test named here exists. Formulas give the essentials; [model.md](model.md) has the
equations of the queue model in full. A method without a published source says why it is as it is.

"""


@dataclass(frozen=True)
class Source:
    """A paper, book or report: authors, year, title, where it was published with its edition or pages, and its DOI."""

    authors: str
    year: int
    title: str
    published: str
    doi: str = ""

    @property
    def short(self) -> str:
        """Family names and year: "Laney 2002", "Newey and West 1987", "Brown and others 2005"."""
        families = [name.split(",")[0].strip() for name in re.split(r"(?<=\.)(?:,| and) (?=[A-Z])", self.authors)]
        many = f"{families[0]} and others" if len(families) > 2 else " and ".join(families)
        return f"{many} {self.year}"

    @property
    def line(self) -> str:
        """The whole reference."""
        shown = self.doi.replace("<", "&lt;").replace(">", "&gt;")
        link = f" [doi:{shown}](https://doi.org/{quote(self.doi)})." if self.doi else ""
        return f"{self.authors} ({self.year}). *{self.title}*. {self.published}.{link}"


@dataclass(frozen=True)
class Method:
    """One method: its formula in text, the function's dotted name, the test's path, and its sources or a reason."""

    name: str
    formula: str
    where: str
    test: str
    sources: tuple[Source, ...] = ()
    reason: str = ""  # of a rule that no source gives


@dataclass(frozen=True)
class Part:
    """Methods of one subject."""

    title: str
    methods: tuple[Method, ...]


def registry() -> tuple[Part, ...]:
    """All methods by subject. Raises KeyError for a source that is not listed."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    known = {key: source_of(**entry) for key, entry in told["sources"].items()}
    return tuple(
        Part(part["title"], tuple(method_of(known, **entry) for entry in part["methods"])) for part in told["parts"]
    )


def source_of(*, authors: str, year: int, title: str, doi: str = "", **rest: str) -> Source:
    """A source from its entry; `in` is a word of Python's own, so it comes with the rest."""
    return Source(authors, year, title, rest["in"], doi)


def method_of(known: dict[str, Source], *, sources: Sequence[str] = (), **entry: str) -> Method:
    """A method from its entry, with its sources looked up."""
    return Method(**entry, sources=tuple(known[key] for key in sources))


def methods_page() -> str:
    """The whole page: a table for each subject, then the references."""
    parts = registry()
    used = {source for part in parts for method in part.methods for source in method.sources}
    references = sorted((source.line for source in used), key=str.casefold)
    listed = "\n".join(f"- {line}" for line in references)
    return PREFACE + "\n".join(section_of(part) for part in parts) + f"\n## References\n\n{listed}\n"


def section_of(part: Part) -> str:
    """The methods of one subject."""
    rows = [f"## {part.title}", ""]
    for method in part.methods:
        rows += [
            f"### {method.name}",
            "",
            f"- Formula: {method.formula}.",
            f"- {origin(method)}",
            f"- Code: `{method.where}`",
            f"- Test: `{method.test}`",
            "",
        ]
    return "\n".join(rows)


def origin(method: Method) -> str:
    """Its sources in short, or the reason where there is none."""
    if not method.sources:
        return f"Reason: {method.reason}"
    return f"Source: {'; '.join(source.short for source in method.sources)}."


if __name__ == "__main__":
    print(methods_page(), end="")
