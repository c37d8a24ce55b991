# Short things to type; none is needed to use the product.

bin := ".venv/bin"

# everything that must hold before a commit, or what a change in one room can break; changes nothing
check room="":
    {{bin}}/ruff format --check .
    {{bin}}/ruff check .
    {{bin}}/mypy
    PYTHONPATH=. {{bin}}/lint-imports --no-cache
    {{bin}}/python -m pytest -q -n 2 --dist worksteal -m "not slow and not browser" {{ if room == "" { "" } else { "$(" + bin + "/python -m tests.rooms " + room + ")" } }}

# repairs what a tool can repair
fix:
    {{bin}}/ruff check --fix .
    {{bin}}/ruff format .

# writes the expected whole files again: look at the difference before committing it
golden:
    KCAS_GOLDEN=write {{bin}}/python -m pytest -q tests/golden

# builds the documentation's site; open site/index.html
docs:
    {{bin}}/python -m sphinx -q -W --keep-going -b html docs site
