"""Reading of a log by its mapping, without code of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from kcas.errors import LogError
from kcas.ingest import fields
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapped_calls import calls_of
from kcas.ingest.mapped_intervals import intervals_of
from kcas.ingest.mapping import Mapping
from kcas.ingest.reading import Head, Log
from kcas.ingest.row_reading import Reading

PARTED = "columns run together by spaces, told apart by their fixed codes"


@dataclass(frozen=True)
class Mapped:
    """A log whose rows are calls, or a table whose rows are intervals, as its mapping says."""

    mapping: Mapping

    @property
    def key(self) -> str:
        """The mapping's short name."""
        return self.mapping.key

    @property
    def words(self) -> str:
        """What it is, for a person."""
        return self.mapping.words

    @property
    def encoding(self) -> str:
        """How its bytes are to be read."""
        return self.mapping.layout.encoding

    def claims(self, head: Head) -> bool:
        """Whether the log has the header this mapping is recognised by."""
        marked = head.encoding is not None
        return fields.claims(head.raw, layout=self.mapping.layout, used=self.mapping.used, marked=marked)

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The log in pieces, one for each block. A row is a whole call: nothing is carried from file to file."""
        mapping, told = self.mapping, 0
        zone = settings.zone or mapping.zone or settings.default_zone
        reading = Reading(mapping, settings, zone)
        make = calls_of if mapping.kind == "calls" else intervals_of
        for rows in fields.rows_of(log, layout=mapping.layout, used=mapping.used, as_it_stands=as_it_stands(mapping)):
            reading.warnings = {}
            reading.warn(PARTED, rows.parted)
            piece = make(rows, reading)
            told += len(rows.lines) + len(rows.refusals)
            yield piece
        if not told:
            raise LogError(f"{log.name}: holds a header and no rows.")


def as_it_stands(mapping: Mapping) -> set[str]:
    """Columns whose texts are mostly distinct: what tells a call from another, and moments written with their day."""
    conditions = [rule.when for rule in (*mapping.outcomes, *mapping.ignored)]
    conditions += [c for when in mapping.entered for c in (when.when, when.unless) if c]
    moments_told = {when.column for when in mapping.entered if when.form.has_day and when.form.fixed}
    names = {name.column for name in (mapping.queue, *mapping.names.values())}
    durations = {duration.column for duration in mapping.durations.values()}
    return (
        (moments_told | set(mapping.leg[-1:])) - {column for c in conditions for column in c.texts} - names - durations
    )
