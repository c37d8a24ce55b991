"""Formats this program knows: a mapping file each where a mapping can say it, and code where it cannot.

The door for a supplier in code: a module or package with `FORMATS`, a tuple of objects that keep to `LogFormat`. Those
beside this file are found by their place; anyone else's by the entry point group `kcas.formats`, whose value is such a
module or package, or a path to a mapping file.
"""

from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from pkgutil import iter_modules

from kcas.errors import SettingError
from kcas.ingest.log_format import LogFormat
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping

_HERE = Path(__file__).parent
GROUP = "kcas.formats"


@lru_cache(maxsize=1)
def formats() -> tuple[LogFormat, ...]:
    """Every format there is. Raises SettingError where one that another package brings cannot be used."""
    suppliers = sorted(module.name for module in iter_modules([str(_HERE)]))
    ours = [form for name in suppliers for form in import_module(f"{__name__}.{name}").FORMATS]
    declared = [Mapped(read_mapping(path)) for path in sorted(_HERE.glob("*.toml"))]
    found: dict[str, LogFormat] = {form.key: form for form in (*ours, *declared)}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        for form in brought_by(point):
            if form.key in found:
                raise SettingError(f"{origin(point)}: its format {form.key!r} has the name of another. Rename it.")
            found[form.key] = form
    return tuple(found.values())


def brought_by(point: EntryPoint) -> tuple[LogFormat, ...]:
    """The formats that another package brings by one entry point."""
    try:
        brought = point.load()
    except Exception as error:  # whatever that package does as it is loaded
        raise SettingError(f"{origin(point)} cannot be loaded: {type(error).__name__}. Remove or repair it.") from error
    if isinstance(brought, str | Path):
        return (Mapped(read_mapping(Path(brought))),)
    forms = getattr(brought, "FORMATS", brought)
    if not isinstance(forms, tuple) or not all(callable(getattr(form, "claims", None)) for form in forms):
        raise SettingError(f"{origin(point)}: brings no formats. Expected a package with FORMATS, or a mapping file.")
    return forms


def origin(point: EntryPoint) -> str:
    """Where an entry point comes from, for a person."""
    return f"The package {point.dist.name if point.dist else point.module} (entry point {GROUP}: {point.name})"
