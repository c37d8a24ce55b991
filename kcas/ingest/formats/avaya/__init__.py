"""Avaya: external call history in three forms, and the interval report of CMS Supervisor."""

from kcas.ingest.formats.avaya.cms_interval import AvayaIntervalReport
from kcas.ingest.formats.avaya.ech import AvayaCallHistory
from kcas.ingest.formats.avaya.ech_binary import AvayaCallHistoryBinary
from kcas.ingest.formats.avaya.ech_printed import AvayaCallHistoryPrinted

FORMATS = (AvayaCallHistory(), AvayaCallHistoryPrinted(), AvayaCallHistoryBinary(), AvayaIntervalReport())
