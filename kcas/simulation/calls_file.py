"""File of simulated calls, written while the run goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from kcas.errors import SettingError
from kcas.systems import replace


@contextmanager
def calls_file(path: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Writes each frame handed to it as a row group of one Parquet file, which stands there only when all is written.

    Raises SettingError where the file cannot be written, if possible before anything is simulated.
    """
    import pyarrow.parquet as parquet

    unfinished = path.with_name(f"{path.name}.part")
    writers: list[Any] = []

    def write(calls: pl.DataFrame) -> None:
        table = calls.to_arrow()
        with write_error_words(path):
            if not writers:
                writers.append(parquet.ParquetWriter(unfinished, table.schema, compression="zstd"))
            writers[0].write_table(table)

    with write_error_words(path):
        unfinished.touch()
    try:
        yield write
        with write_error_words(path):
            while writers:
                writers.pop().close()
            replace(unfinished, path)
    finally:
        for writer in writers:
            writer.close()
        unfinished.unlink(missing_ok=True)


@contextmanager
def write_error_words(path: Path) -> Iterator[None]:
    """What the system has against the file, said in a line."""
    try:
        yield
    except OSError as error:
        raise SettingError(f"--calls {path}: {error.strerror or error}.") from None
