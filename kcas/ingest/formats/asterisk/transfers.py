"""Calls whose identifier changes when an agent transfers the caller into a queue.

The agent rings the second queue (call id B) and then joins the caller (A) to it: Asterisk writes the transfer under B
in the *first* queue, where B never was, and from then on the second queue's events under A, where A never entered.
(asterisk/asterisk issue 759.) The stay that B began is the caller's.

    A enters 1501 ─ agent connects ──────────────── B|1501|ATTENDEDTRANSFER
                                   B enters 1509 ───┘ └── A|1509|CONNECT … (B's stay)
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

KEYS = pl.Schema({"at": pl.Int64(), "callid": pl.String(), "queue": pl.String(), "leg": pl.Int64()})
CONTACTS = pl.Schema(
    {
        "leg": pl.Int64(),
        "contact": pl.String(),
        "contact_caller": pl.String(),
        "contact_leg": pl.Int64(),
    }
)


@dataclass(frozen=True)
class Swaps:
    """From `at` on, events of this call id and queue are the stay's; and whose contact a stay became.

    `unresolved`: stays of callers transferred to a call whose own entry into a queue has not been seen.
    """

    keys: pl.DataFrame = field(default_factory=KEYS.to_frame)
    contacts: pl.DataFrame = field(default_factory=CONTACTS.to_frame)
    unresolved: tuple[int, ...] = ()


def swaps_among(joined: pl.DataFrame, *, ends: Collection[str]) -> Swaps:
    """The swaps told of by transfers under a call id that never entered that queue."""
    strays = joined.filter(pl.col("leg").is_null() & (pl.col("event") == "ATTENDEDTRANSFER"))
    if not strays.height:
        return Swaps()
    begun = joined.filter(pl.col("event") == "ENTERQUEUE")
    ended = joined.filter(pl.col("event").is_in(list(ends)) & pl.col("leg").is_not_null())
    begun = begun.join(ended.group_by("leg").agg(end=pl.col("at").min()), on="leg", how="left")
    talked = latest_talks(strays, connects=joined.filter(pl.col("event") == "CONNECT"), begun=begun)
    return as_keys(waiting_for(talked, begun=begun))


def latest_talks(strays: pl.DataFrame, *, connects: pl.DataFrame, begun: pl.DataFrame) -> pl.DataFrame:
    """Each stray transfer with the stay its agent was last connected to in its queue, if after that very wait."""
    connects = connects.select("at", "queue", "agent", "leg", hold="wait")
    last = strays.drop("leg").join_asof(connects, on="at", by=["queue", "agent"], check_sortedness=False)
    stay = begun.select("leg", "end", whose="callid", whose_caller="caller")
    last = last.filter(pl.col("hold") == pl.col("wait")).join(stay, on="leg")
    return last.filter(pl.col("end").is_null() | (pl.col("end") > pl.col("at"))).sort("at")


def waiting_for(talked: pl.DataFrame, *, begun: pl.DataFrame) -> pl.DataFrame:
    """Each transfer with the stay its own call id began last, if that has no end yet."""
    stays = begun.select("at", "callid", stay="at", stay_queue="queue", stay_end="end")
    last = talked.join_asof(stays, on="at", by="callid", check_sortedness=False)
    over = pl.col("stay_end").is_not_null() & (pl.col("stay_end") < pl.col("at"))
    return last.with_columns(pl.when(~over).then("stay"))


def as_keys(transfers: pl.DataFrame) -> Swaps:
    """The transfer belongs to the caller's stay, and the stay its call id had begun elsewhere belongs to the caller."""
    keys: list[tuple[int, str, str, int]] = []
    owner: dict[int, tuple[str, str | None, int]] = {}
    unresolved = []
    for transfer in transfers.iter_rows(named=True):
        at, leg, stay = transfer["at"], transfer["leg"], transfer["stay"]
        keys.append((at, transfer["callid"], transfer["queue"], leg))
        if stay is None:
            unresolved.append(leg)
            continue
        keys.append((at, transfer["whose"], transfer["stay_queue"], stay))
        whose, number = owner[leg][:2] if leg in owner else (transfer["whose"], transfer["whose_caller"])
        owner[stay] = (whose, number, leg)
    return Swaps(
        pl.DataFrame(keys, schema=KEYS, orient="row"),
        pl.DataFrame([(stay, *whose) for stay, whose in owner.items()], schema=CONTACTS, orient="row"),
        tuple(unresolved),
    )
