"""The key of the tokens: where it is, and how it is made, backed up, restored and changed.

Anyone who has the key can find out whether a number they know is in a store; without it a token says nothing. A store
keeps the key's fingerprint, so that it is never written to with another.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from kcas import systems
from kcas.errors import SettingError

KEY_BYTES = 32
FINGERPRINT_BYTES = 7  # the store keeps it as a whole number of 63 bits


def key_path() -> Path:
    """Where the key is: KCAS_KEY, or the person's own settings folder."""
    if said := os.environ.get("KCAS_KEY"):
        return Path(said)
    try:
        return systems.settings_folder() / "kcas" / "token.key"
    except RuntimeError:
        raise SettingError("This user has no home folder for the key. Say where it is to be: KCAS_KEY.") from None


def fingerprint_of(key: bytes) -> str:
    """What tells a key from others and gives nothing of it away."""
    return hashlib.blake2b(b"fingerprint", key=key, person=b"key", digest_size=FINGERPRINT_BYTES).hexdigest()


def read_key(path: Path, *, make: bool = True) -> bytes:
    """The key in a file that only its owner can read; made there if there is none and it may be made."""
    try:
        if not path.exists():
            if not make:
                raise SettingError(f"{path}: there is no key here. Restore it from its copy: kcas key restore FILE.")
            make_key(path)
        if systems.others_can_read(path):
            raise SettingError(
                f"{path}: others can read this key, and with it guess callers' numbers. chmod 600 it; where its drive "
                "keeps no rights, move it to one that does."
            )
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise SettingError(f"{path}: the key for callers' tokens cannot be read or made ({error.strerror}).") from None
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingError(f"{path}: not a key of ours (expected {2 * KEY_BYTES} hexadecimal digits).")
    return key


def make_key(path: Path) -> None:
    """A new key, complete or not there at all; where another program made one first, that one stands."""
    with suppress(FileExistsError):
        write_new(path, secrets.token_hex(KEY_BYTES) + "\n")


def write_new(path: Path, text: str) -> None:
    """A file for its owner alone, complete or not there at all. Raises FileExistsError where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        systems.flush(file.fileno())
    systems.put_new(draft, path)


def back_up(path: Path, copy: Path) -> str:
    """Write a copy of the key, for its owner alone; the key's fingerprint. An existing file is never replaced."""
    key = read_key(path, make=False)
    try:
        write_new(copy, key.hex() + "\n")
    except FileExistsError:
        raise SettingError(f"{copy}: there is a file of this name already. Name one that does not exist.") from None
    except OSError as error:
        raise SettingError(f"{copy}: cannot be written ({error.strerror}).") from None
    return fingerprint_of(key)


def restore(path: Path, copy: Path) -> str:
    """Put a copy of a key in the key's place; its fingerprint. Raises SettingError where another key is there."""
    if not copy.exists():
        raise SettingError(f"{copy}: there is no such file.")
    key = read_key(copy, make=False)
    if path.exists():
        if read_key(path) == key:
            return fingerprint_of(key)
        raise SettingError(
            f"{path}: another key is here already. Move it to a safe place first: stores written with it need it."
        )
    write_new(path, key.hex() + "\n")
    return fingerprint_of(key)


def change(path: Path) -> tuple[str, str, Path]:
    """A new key in the place of the old one, which is kept beside it: both fingerprints, and where the old one is."""
    old = fingerprint_of(read_key(path, make=False))
    kept = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}.{old}")
    systems.replace(path, kept)
    make_key(path)
    return old, fingerprint_of(read_key(path)), kept
