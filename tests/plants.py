"""Finding planted numbers and names in what a program leaves: text in any spelling, stores decoded, packed files."""

import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

SEPARATORS = re.compile(r"[\s().\-/_+\u00a0]")


def found_in(texts: Iterable[tuple[str, str]], plants: Iterable[str]) -> list[tuple[str, str]]:
    """Which plants stand in which texts: as written, in any case, and numbers with or without what spaces them."""
    wanted = [(plant, plant.casefold(), SEPARATORS.sub("", plant)) for plant in plants]
    found = []
    for where, text in texts:
        folded, squeezed = text.casefold(), SEPARATORS.sub("", text)
        for plant, lower, digits in wanted:
            number = digits.lstrip("0") if digits.isdigit() else ""
            if lower in folded or (number and number in squeezed):
                found.append((where, plant))
    return found


def texts_of_store(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text of a store: names, JSON, marks, and the columns of its Parquet files, decoded."""
    yield from texts_under(folder)


def texts_under(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text under a folder, the names of its files among them."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield f"the name {name}", name
        if path.is_file():
            yield from texts_in(name, path.read_bytes())


def texts_in(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """A file's text; of a Parquet file its text columns, of a zip or gzip what is in it."""
    if content[:4] == b"PAR1":
        yield name, content.decode("latin-1")
        yield from ((name, text) for text in parquet_texts(content))
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for member in packed.infolist():
                yield f"the name {name}/{member.filename}", member.filename
                yield from texts_in(f"{name}/{member.filename}", packed.read(member))
    elif content[:2] == b"\x1f\x8b":
        yield from texts_in(f"{name}, unpacked", gzip.decompress(content))
    else:
        yield name, content.decode("utf-8", errors="replace")


def parquet_texts(content: bytes) -> Iterator[str]:
    """All text in a Parquet file."""
    frame = pl.read_parquet(io.BytesIO(content))
    yield (
        frame.select(pl.all().cast(pl.String, strict=False)).write_csv() if not nested(frame) else str(frame.to_dicts())
    )


def nested(frame: pl.DataFrame) -> bool:
    """Whether a frame has columns within columns, as a sum of the log has."""
    return any(dtype.is_nested() for dtype in frame.dtypes)
