"""The formats this program knows: one file each, declared where a declaration can say it."""

from kcas.ingest.log_format import LogFormat


def formats() -> tuple[LogFormat, ...]:
    """Every format there is."""
    return ()
