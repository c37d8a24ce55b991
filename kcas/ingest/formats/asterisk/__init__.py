"""Asterisk: the queue_log as a file and as a database table; its call detail record is refused by name."""

from kcas.ingest.formats.asterisk.database_export import AsteriskQueueLogExport
from kcas.ingest.formats.asterisk.queue_log import AsteriskCallDetail, AsteriskQueueLog

FORMATS = (AsteriskQueueLog(), AsteriskQueueLogExport(), AsteriskCallDetail())
