"""Zipped formats (DOCX, XLSX, ODS) with the same bytes on every run.

Entries stand in one order, bear one moment and are stored as they are: two builds of zlib may squeeze the same text
into different bytes.
"""

import io
import zipfile

MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
FIRST = ("mimetype", "[Content_Types].xml", "_rels/.rels")
"""Entries that readers look for at the beginning."""


def normalised(data: bytes) -> bytes:
    """The same entries with nothing in them of the machine or the hour."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(made, "w") as out:
        for name in sorted(set(given.namelist()), key=_place):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system = 3  # the same on Windows
            entry.external_attr = 0o644 << 16
            out.writestr(entry, given.read(name))
    return made.getvalue()


def _place(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)
