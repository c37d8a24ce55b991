"""The turn of a repeated line is counted over the whole file, however it is cut."""

from collections import Counter
from hashlib import blake2b

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.ingest.copies import Repeats


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=9), max_size=12))
def test_each_turn_is_the_one_a_plain_count_gives(blocks: list[list[int]]) -> None:
    repeats, met = Repeats(), Counter[str]()
    for block in blocks:
        identities = [blake2b(bytes([number]), digest_size=16).hexdigest() for number in block]
        expected = []
        for identity in identities:
            met[identity] += 1
            expected.append(identity if met[identity] == 1 else f"{identity}/{met[identity]}")
        assert repeats.numbered(pl.Series(identities, dtype=pl.String)).to_list() == expected
