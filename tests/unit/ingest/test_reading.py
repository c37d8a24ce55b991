"""Any file becomes lines as an editor counts them, in bounded memory, or one clear message."""

import gzip
import io
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.errors import LogError
from kcas.ingest.reading import Log, in_blocks, line_feeds, lines_of, utf_8
from kcas.ingest.unpacking import Limits, Source, sources


def log_of(folder: Path, data: bytes, name: str = "log.txt", limits: Limits | None = None) -> Log:
    path = folder / name
    path.write_bytes(data)
    return Log(sources(path)[0], limits=limits or Limits())


def texts(log: Log, encoding: str = "utf-8", size: int = 1 << 24) -> list[tuple[int, str]]:
    return [
        (line.number, line.fault or line.text) for b in log.blocks(encoding=encoding, size=size) for line in lines_of(b)
    ]


@pytest.mark.parametrize(
    "data", [b"a\nb\nc\n", b"a\r\nb\r\nc\r\n", b"a\rb\rc\r", b"a\r\nb\rc\n", b"a\nb\nc", b"a\rb\rc"]
)
def test_cr_lf_and_crlf_each_end_a_line_as_in_an_editor(tmp_path: Path, data: bytes) -> None:
    assert texts(log_of(tmp_path, data)) == [(1, "a"), (2, "b"), (3, "c")]


def test_mixed_line_endings_and_a_missing_last_one_are_told(tmp_path: Path) -> None:
    log = log_of(tmp_path, b"a\r\nb\rc")
    assert texts(log) == [(1, "a"), (2, "b"), (3, "c")]
    assert set(log.warnings) == {"mixed line endings", "the last line has no line end"}


def test_byte_order_marks_decide_the_encoding(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        assert texts(log_of(tmp_path, "é\nü\n".encode(encoding))) == [(1, "é"), (2, "ü")]


def test_half_a_character_at_the_end_of_utf_16_is_a_fault_of_its_line(tmp_path: Path) -> None:
    (one, two) = texts(log_of(tmp_path, "a\nb".encode("utf-16") + b"\x41"))
    assert one == (1, "a")
    assert "not UTF-8" in two[1]


def test_a_declared_encoding_is_used_and_the_wrong_one_is_a_fault_with_its_byte(tmp_path: Path) -> None:
    log = log_of(tmp_path, "ok\ncafé\n".encode("latin-1"))
    assert texts(log, "latin-1") == [(1, "ok"), (2, "café")]
    assert texts(log) == [(1, "ok"), (2, "byte 4 (0xE9) is not UTF-8 text")]
    assert texts(log_of(tmp_path, b"a\x81b\n"), "cp1252") == [(1, "byte 2 (0x81) is not UTF-8 text")]


def test_a_line_of_a_hundred_megabytes_is_skipped_and_the_next_line_keeps_its_number(tmp_path: Path) -> None:
    log = log_of(tmp_path, b"a\n" + b"x" * (100 << 20) + b"\nb\n")
    found = [(b.first_line, b.data, b.too_long) for b in log.blocks()]
    assert found == [(1, b"a\n", False), (2, b"", True), (3, b"b\n", False)]


def test_a_truncated_gzip_raises_rather_than_ends(tmp_path: Path) -> None:
    packed = gzip.compress(b"some line\n" * 10_000)
    with pytest.raises(LogError, match="cut short"):
        texts(log_of(tmp_path, packed[:-20], "log.gz"))


def test_a_gzip_bomb_is_stopped_at_the_ratio(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
    with pytest.raises(LogError, match="bomb"):
        texts(log_of(tmp_path, bomb.getvalue(), "log.gz"))


def test_a_packed_log_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="unpacks to more than"):
        texts(log_of(tmp_path, gzip.compress(b"a\n" * 3_000_000), "log.gz", limits=Limits(unpacked=1 << 20)))


def test_each_member_of_a_zip_is_a_log_and_hidden_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "year.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a/jan.csv", "1\n")
        packed.writestr("__MACOSX/._jan.csv", "x")
        packed.writestr("feb.csv", "2\n")
        packed.writestr("../mar.csv", "3\n")
    found = sources(path)
    assert [source.name for source in found] == ["year.zip/a/jan.csv", "year.zip/feb.csv", "year.zip/../mar.csv"]
    assert [texts(Log(source)) for source in found] == [[(1, "1")], [(1, "2")], [(1, "3")]]


def test_a_member_s_name_is_shown_without_what_a_terminal_would_obey(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("jan\x1b[2J\u202e.csv", "1\n")
    (source,) = sources(path)
    assert source.name == "a.zip/jan\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}.csv"
    assert texts(Log(source)) == [(1, "1")]


def test_an_office_workbook_is_named_for_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(LogError, match="workbook"):
        sources(path)


def test_a_damaged_zip_member_raises_the_family(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", "hello world, " * 100)
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(LogError, match="damaged"):
        texts(Log(sources(path)[0]))


def test_a_missing_file_and_a_folder_are_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(LogError):
            sources(path)


@settings(deadline=None)
@given(data=st.binary(max_size=200), chunk=st.integers(1, 9), size=st.integers(1, 50), limit=st.integers(3, 20))
def test_whatever_the_bytes_and_the_cuts_the_lines_are_those_of_the_whole(
    data: bytes, chunk: int, size: int, limit: int
) -> None:
    def cut(text: bytes) -> list[bytes]:
        return [text[i : i + chunk] for i in range(0, len(text), chunk)]

    def all_lines(chunks: list[bytes]) -> list[tuple[int, bytes | None]]:
        rows: list[tuple[int, bytes | None]] = []
        for block in in_blocks(line_feeds(iter(chunks), warnings={}), limit=limit, size=size):
            assert block.first_line == len(rows) + 1
            lines = [None] if block.too_long else block.data[:-1].split(b"\n")
            assert len(lines) == block.lines
            rows += [(block.first_line + i, line) for i, line in enumerate(lines)]
        return rows

    whole = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    expected = whole.split(b"\n")[: -1 if whole.endswith(b"\n") or not whole else None]
    assert all_lines(cut(data)) == [(i, line if len(line) <= limit else None) for i, line in enumerate(expected, 1)]


@settings(deadline=None)
@given(st.binary(max_size=120), st.integers(1, 7), st.sampled_from(["utf-8", "latin-1", "cp1252", "utf-16-le"]))
def test_any_bytes_in_any_encoding_become_lines_or_the_family_of_errors(data: bytes, chunk: int, encoding: str) -> None:
    chunks = iter([data[i : i + chunk] for i in range(0, len(data), chunk)])
    utf_32 = data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
    with pytest.raises(LogError, match="UTF-32") if utf_32 else nullcontext():
        text = utf_8(chunks, encoding=encoding, warnings={}, name="x")
        for block in in_blocks(line_feeds(text, warnings={}), limit=50, size=64):
            assert len(list(lines_of(block))) == block.lines


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_at_all_have_a_head_and_a_fingerprint_or_one_clear_message(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(data)
    log = Log(Source(path))
    assert log.fingerprint[1] == len(data)
    with pytest.raises(LogError) if data[:2] == b"\x1f\x8b" else nullcontext():
        assert all("\n" not in line for line in log.head.lines)
