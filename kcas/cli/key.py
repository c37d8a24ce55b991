"""`kcas key`: the key of the tokens, where it is, its copies, and its change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kcas.cli.options import Json, StoreFolder
from kcas.cli.printing import print_json, print_sentences
from kcas.desk.standard import DEFAULT_STORE
from kcas.errors import SettingError

key = typer.Typer(no_args_is_help=True, help="Show, back up, restore, check or change the key of the callers' tokens.")
Copy = Annotated[Path, typer.Argument(help="A file, best on a medium of its own.", show_default=False)]
WITHOUT = "Without it no one, you included, can tell which token is whose: new logs cannot be read into its stores."


@key.command("show-place")
def show_place(as_json: Json = False) -> None:
    """Show where the key is, and its checksum, which does not reveal it."""
    from kcas.ingest.keys import fingerprint_of, key_path, read_key

    path = key_path()
    fingerprint = fingerprint_of(read_key(path, make=False)) if path.exists() else None
    if as_json:
        print_json({"place": str(path), "fingerprint": fingerprint})
        return
    there = f"Its fingerprint: {fingerprint}." if fingerprint else "There is none yet; the first log read in makes it."
    print_sentences((f"The key: {path}.", there))


@key.command("backup")
def backup(copy: Copy, as_json: Json = False) -> None:
    """Write a copy of the key into a new file that only you can read."""
    from kcas.ingest.keys import back_up, key_path

    fingerprint = back_up(key_path(), copy)
    if as_json:
        print_json({"copy": str(copy), "fingerprint": fingerprint})
        return
    print_sentences(
        (
            f"Copied to {copy}; the key's fingerprint: {fingerprint}.",
            "Anyone who has this file and a store can find out whether a number they know has called: keep the two "
            "apart.",
            WITHOUT,
        )
    )


@key.command("restore")
def restore(copy: Copy, as_json: Json = False) -> None:
    """Restore a copy of the key; an existing key is never replaced."""
    from kcas.ingest import keys

    fingerprint = keys.restore(keys.key_path(), copy)
    if as_json:
        print_json({"place": str(keys.key_path()), "fingerprint": fingerprint})
        return
    print_sentences((f"The key with the fingerprint {fingerprint} is in its place: {keys.key_path()}.",))


@key.command("check")
def check(as_json: Json = False, store: StoreFolder = None) -> None:
    """Check that the key here is the one the store was written with; exits 1 if not."""
    from kcas.calls.store import Store
    from kcas.ingest.keys import fingerprint_of, key_path, read_key

    opened = Store(store or DEFAULT_STORE)
    here = fingerprint_of(read_key(key_path(), make=False))
    held = opened.key if opened.exists else None
    same = None if held is None else held == here
    if as_json:
        print_json({"store": str(opened.folder), "key": here, "store_key": held, "same": same})
    elif same is None:
        print_sentences((f"{opened.folder} does not say yet which key it was written with. The key here: {here}.",))
    elif same:
        print_sentences((f"{opened.folder} was written with the key that is here: {here}.",))
    if same is False:
        raise SettingError(f"{opened.folder}: written with the key {held}; the key here is {here}.")


@key.command("change")
def change(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only what follows is said.")] = False,
    as_json: Json = False,
) -> None:
    """Replace the key with a new one; the old one stays next to it."""
    from kcas.ingest import keys

    follows = (
        "Tokens cannot be made again: the numbers they were made of are kept nowhere. A store written with the old key "
        "refuses the new one, so that no caller becomes two; read its logs into a new store, or go on with the old "
        "key by KCAS_KEY. Callers of the old store and of a new one cannot be known for the same.",
        "A key that has leaked stays good for the stores it wrote: forget them, or keep them away from anyone who has "
        "it.",
    )
    if not yes:
        print_sentences((*follows, "Nothing has been changed. To change the key: kcas key change --yes"))
        return
    old, new, backup = keys.change(keys.key_path())
    if as_json:
        print_json({"old": old, "new": new, "old_key_kept_as": str(backup)})
        return
    print_sentences((f"The new key's fingerprint: {new}. The old key ({old}) is kept as {backup}.", *follows))
