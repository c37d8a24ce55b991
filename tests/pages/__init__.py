"""Tests of every page and every widget: each widget is changed and what it changes is looked at."""
