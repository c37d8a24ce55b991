"""How large the house is: modules, arrows between them, and names that more than one module uses.

`python -m tests.house.test_structure` prints the counts. The limits may only fall: they stand where the house is now.
"""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_MODULES = 324
MOST_ARROWS = 5.7
"""Imports of one module of ours by another, for each module, on average. 5.6 until six small job modules went."""
MOST_SHARED_NAMES = 31
"""Public names that are defined in three modules or more."""


def modules() -> dict[str, ast.Module]:
    """Every module of the product by its dotted name."""
    found = {}
    for path in sorted((ROOT / "kcas").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def arrows(known: dict[str, ast.Module]) -> int:
    """How many pairs of modules there are of which the first imports the second."""
    pairs = set()
    for name, tree in known.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in known:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    pairs.add((name, inner if inner in known else node.module))
    return len(pairs)


def shared_names(known: dict[str, ast.Module]) -> list[str]:
    """Public names of functions, classes and constants that three modules or more define for themselves."""
    homes: dict[str, set[str]] = defaultdict(set)
    for module, tree in known.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                homes[node.name].add(module)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        homes[target.id].add(module)
    return sorted(name for name, where in homes.items() if len(where) >= 3 and not name.startswith("_"))


def questions(known: dict[str, ast.Module]) -> list[str]:
    """Modules whose first sentence asks instead of saying."""
    return [name for name, tree in known.items() if "?" in (ast.get_docstring(tree) or "").split("\n\n")[0]]


def test_the_house_has_no_more_modules_arrows_and_shared_names_than_it_had() -> None:
    known = modules()
    assert len(known) <= MOST_MODULES
    assert arrows(known) / len(known) <= MOST_ARROWS
    assert len(shared_names(known)) <= MOST_SHARED_NAMES


def test_every_module_begins_with_a_statement() -> None:
    assert questions(modules()) == []


if __name__ == "__main__":
    house = modules()
    print(f"{len(house)} modules, {arrows(house) / len(house):.2f} arrows a module")
    print(f"{len(shared_names(house))} public names defined in three modules or more:")
    print(", ".join(shared_names(house)))
