"""Reference page of shift keys, made from the fields that read the file."""

from kcas.simulation.scenario.keys_page import parts_of, section
from kcas.staffing.shift_file import ShiftRules

HEAD = """# Every key of a file of shifts

Made from the code by `python -m kcas.staffing.shift_keys_page > docs/shift-keys.md`; a test holds the two
together. [Staffing](staffing.md) says what the file is for, with an example. A key that is not here is refused, with
the nearest one that is.

"""


def page() -> str:
    """The whole page."""
    parts = "\n".join(section(name, part) for name, part in parts_of(ShiftRules, at=""))
    return f"{HEAD}{parts}\n".replace("| `` |", "| – |")


if __name__ == "__main__":
    print(page(), end="")
