"""Where the calls are kept: one folder, one writer, any number of readers."""

from kcas.calls.store.folder import Store
from kcas.calls.store.forget import Forgotten
from kcas.calls.store.record import Added, Batch, Record, Unfinished

__all__ = ["Added", "Batch", "Forgotten", "Record", "Store", "Unfinished"]
