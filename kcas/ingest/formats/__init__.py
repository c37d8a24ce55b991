"""The formats this program knows: one file each, declared where a declaration can say it."""

from functools import lru_cache
from pathlib import Path

from kcas.ingest.formats.asterisk.database_export import AsteriskQueueLogExport
from kcas.ingest.formats.asterisk.queue_log import AsteriskQueueLog
from kcas.ingest.formats.avaya.ech import AvayaCallHistory
from kcas.ingest.formats.avaya.ech_printed import AvayaCallHistoryPrinted
from kcas.ingest.log_format import LogFormat
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping

_HERE = Path(__file__).parent


@lru_cache(maxsize=1)
def formats() -> tuple[LogFormat, ...]:
    """Every format there is."""
    declared = tuple(Mapped(read_mapping(path)) for path in sorted(_HERE.glob("*.toml")))
    return (
        AsteriskQueueLog(), AsteriskQueueLogExport(), AvayaCallHistory(), AvayaCallHistoryPrinted(), *declared
    )  # fmt: skip
