"""Child process that reads the logs handed in on a page, and deletes them when it is done, however that went."""

import shutil
import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Run `kcas ingest` on a folder of logs, the first argument; the others are its options."""
    logs = Path(arguments[0])
    sys.argv = ["kcas", "ingest", *arguments]
    try:
        from kcas.cli import main as run

        run()
    finally:
        shutil.rmtree(logs, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
