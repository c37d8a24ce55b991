"""Is the machine code kept where it may be kept, and does the product run without it?"""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kcas.errors import SettingError
from kcas.ingest import keys
from kcas.simulation.engines import kernel_folder

ROOT = Path(__file__).parents[3]
RUN = """
import sys
{before}
from pathlib import Path
from kcas.simulation.projection import simulate
from kcas.simulation.scenario.file import read_scenario
from kcas.desk.standard import read_standard
run = simulate(read_scenario(Path({scenario!r})), standard=read_standard(None), replications=3, engine={engine!r})
print(run.engine, run.days("offered").sum())
"""


def run(package: Path, *, engine: str | None, before: str = "", **settings: str) -> str:
    code = RUN.format(before=before, scenario=str(ROOT / "scenarios" / "today.toml"), engine=engine)
    env = {**os.environ, "PYTHONPATH": str(package), **settings}
    result = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=package)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_without_numba_the_product_still_runs_on_simpy() -> None:
    assert run(ROOT, engine=None, before="sys.modules['numba'] = None").startswith("simpy ")


def test_the_compiled_engine_without_numba_is_refused_in_plain_words() -> None:
    with pytest.raises(AssertionError, match="needs numba, which is not installed"):
        run(ROOT, engine="compiled", before="sys.modules['numba'] = None")


def test_a_first_run_does_not_wait_for_the_compiler(tmp_path: Path) -> None:
    assert run(ROOT, engine=None, XDG_CACHE_HOME=str(tmp_path)).startswith("simpy ")


@pytest.mark.slow
def test_a_read_only_installation_keeps_its_machine_code_in_the_users_cache(tmp_path: Path) -> None:
    package, cache = tmp_path / "installed", tmp_path / "cache"
    shutil.copytree(ROOT / "kcas", package / "kcas", ignore=shutil.ignore_patterns("__pycache__"))
    for path in [package, *package.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    found = run(package, engine="compiled", XDG_CACHE_HOME=str(cache), PYTHONDONTWRITEBYTECODE="1")
    for path in [package, *package.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    assert found.startswith("compiled ")
    [folder] = (cache / "kcas").iterdir()
    assert (folder / "ready").exists()
    assert list(folder.rglob("*.nbi"))
    assert not folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    assert not list(package.rglob("*.nbi"))


def test_a_user_without_a_home_keeps_it_among_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert [path.parent for path in kernel_folder.places()] == [Path(tempfile.gettempdir())]


def test_a_user_without_a_home_is_asked_where_the_key_is_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("KCAS_KEY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(SettingError, match=r"no home folder for the key\. Say where it is to be: KCAS_KEY"):
        keys.key_path()
