"""Where the calls are kept: one folder, one writer, any number of readers."""

from kcas.calls.store.check import Checked, Repaired
from kcas.calls.store.damage import Damage
from kcas.calls.store.files import Added, Batch, Record, Unfinished
from kcas.calls.store.folder import Store
from kcas.calls.store.forget import Forgotten

__all__ = ["Added", "Batch", "Checked", "Damage", "Forgotten", "Record", "Repaired", "Store", "Unfinished"]
