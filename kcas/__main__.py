"""`python -m kcas`."""

from kcas.cli import main

main()
