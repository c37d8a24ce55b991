"""What the process that tests/commands.py copies has imported: all that commands import on their way, and they parse.

Nothing here may start a thread of Polars or Delta Lake: a copy has only the thread that asked for it.
"""

import importlib
import pkgutil
from contextlib import suppress

import kcas
from kcas.cli import every_command

NOT_BEFORE = ("kcas.dashboard", "kcas.__main__", "kcas.cli.__main__")
"""Pages act as they are imported, and commands import Streamlit only to show them."""
ON_THE_WAY = ("_strptime", "pandas", "pydantic", "rich.console", "rich.progress", "rich.table", "tarfile")

for name in (*(module.name for module in pkgutil.walk_packages(kcas.__path__, "kcas.")), *ON_THE_WAY):
    if not name.startswith(NOT_BEFORE):
        with suppress(ImportError):
            importlib.import_module(name)
every_command()
