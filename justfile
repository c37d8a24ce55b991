# Short things to type; none is needed to use the product.

bin := ".venv/bin"

# everything that must hold before a commit; changes nothing
check:
    {{bin}}/ruff format --check .
    {{bin}}/ruff check .
    {{bin}}/mypy
    PYTHONPATH=. {{bin}}/lint-imports --no-cache
    {{bin}}/python -m pytest -q -n 2 -m "not slow and not browser"

# repairs what a tool can repair
fix:
    {{bin}}/ruff check --fix .
    {{bin}}/ruff format .

# writes the expected whole files anew: look at the difference before committing it
golden:
    KCAS_GOLDEN=write {{bin}}/python -m pytest -q tests/golden
