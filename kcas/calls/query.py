"""A query: which calls, how grouped, by which definition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kcas.calls.definitions import Definition, ServiceLevel, the_definition, the_service_level
from kcas.calls.grouping import GROUPINGS
from kcas.desk.standard import Standard, check_key


@dataclass(frozen=True)
class Query:
    """Which calls, grouped how, by whose definition. `per` are further columns to group by, like a replication."""

    standard: Standard
    definition: Definition
    service_level: ServiceLevel
    by: str = "total"
    queues: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    per: Sequence[str] = ()

    @property
    def keys(self) -> list[str]:
        """The columns that tell one group from another."""
        return [*self.per, "queue" if self.by == "queue" else "number"]


def query_of(
    standard: Standard,
    *,
    by: str = "total",
    queues: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    definition: Definition | None = None,
    service_level: ServiceLevel | None = None,
    per: Sequence[str] = (),
) -> Query:
    """A question by the standard's definitions, or others. Raises SettingError for a grouping no one knows."""
    return Query(
        standard=standard,
        definition=definition or the_definition(standard),
        service_level=service_level or the_service_level(standard),
        by=check_key(by, GROUPINGS, where="by"),
        queues=tuple(queues),
        since=since,
        until=until,
        per=tuple(per),
    )
