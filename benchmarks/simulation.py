"""How fast do the engines live one day, against SimPy as tutorials write it, Ciw and a C event loop?

One run, one machine, one desk: 1,000 calls a day on 12 agents, handling 5 minutes, patience 3 minutes. Inputs are
drawn once and not timed. Each figure is the best of a few tries, in processor time, so that
a busy machine matters less; the ratios are what counts.

    python benchmarks/simulation.py
"""

import ctypes
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from kcas.simulation import compiled_engine, simpy_engine
from kcas.simulation.desk import Desk, lists, plain_desk
from kcas.simulation.rows import VOICEMAIL
from kcas.simulation.workload import (
    LEAVES_IN_MENU,
    LEAVES_ON_HEARING,
    RINGS_AGAIN,
    RINGS_AGAIN_ENGAGED,
    SERVED_BY_MENU,
    TAKES_CALLBACK,
    TAKES_VOICEMAIL,
    Workload,
)

HANDLE, PATIENCE, HOURS = 300.0, 180.0, 12
CALLS_A_DAY, AGENTS = 1000, 12
RATES = (60, 85, 105, 115, 110, 95, 85, 90, 90, 75, 55, 35)  # calls an hour of the reference day
SHARES = {
    TAKES_CALLBACK: 0.4, TAKES_VOICEMAIL: 0.2, RINGS_AGAIN: 0.4, RINGS_AGAIN_ENGAGED: 0.6, LEAVES_ON_HEARING: 0.3,
    SERVED_BY_MENU: 0.08, LEAVES_IN_MENU: 0.03,
}  # fmt: skip
"""How many callers take up each option of the desk that has them all."""


def plain_load(days: int, *, calls: int = CALLS_A_DAY, agents: int = AGENTS, seed: int = 1) -> Workload:
    """Days of one type of call and one team."""
    rng = np.random.default_rng(seed)
    slots = rng.poisson(np.array(RATES) * calls / sum(RATES), (days, HOURS))
    counts, size = slots.sum(axis=1), int(slots.sum())
    hours = [np.repeat(np.arange(HOURS), slot) for slot in slots]
    none = np.empty(0, np.int64)
    return Workload(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        arrival=np.concatenate(
            [np.sort(((hour + rng.random(len(hour))) * 3_600_000).astype(np.int64)) for hour in hours]
        ),
        call_type=np.zeros(size, np.int64),
        talk=(rng.exponential(HANDLE, size) * 1000).astype(np.int64),
        wrap=np.zeros(size, np.int64),
        menu=none,
        attempts=1,
        patience=(rng.exponential(PATIENCE, size) * 1000).astype(np.int64),
        choices=np.empty(0, np.int16),
        redial_delay=none,
        team_die=none,
        reached_on=none,
        staff_first=np.arange(days + 1, dtype=np.int64),
        staff_at=np.zeros(days, np.int64),
        staff_team=np.zeros(days, np.int64),
        staff_agents=np.full(days, agents, np.int64),
    )


def full_desk() -> Desk:
    """The same desk as three types and two teams, with every option in use."""
    desk = plain_desk(
        types=3, teams=2, teams_of=[[0, 1], [0], [0]] * 3,
        queues_of=[[6, 7, 8, 0, 1, 2, 3, 4, 5], [6, 0, 3]],
        level_of=[[0, 0, 0, 1, 2, 2, 9, 9, 9], [0, 1, 9]],
    )  # fmt: skip
    reserve = desk.reserve.copy()
    reserve[0, 1] = 1
    after = desk.after.copy()
    after[0, 1] = 60_000
    return desk._replace(
        lines=40, reserve=reserve, after=after, overflow_after=np.array([60_000, 2**31 - 1, 2**31 - 1]),
        longest_wait=np.full(3, 900_000), longest_wait_as=np.full(3, VOICEMAIL),
        voicemail_after=np.full(3, 300_000), callback_above=np.full(3, 60_000), callback_due=np.full(3, 7_200_000),
        callback_tries=2, callback_ring=45_000, callback_pause=600_000, announces=np.ones(3, np.int64),
        stretch=np.full(3, 1300), mean_handling=np.full(3, 300_000), close=HOURS * 3_600_000, at_close=2, turn_away=1,
        level_of=lists([[0, 0, 0, 1, 2, 2, 9, 9, 9], [0, 1, 9]], width=9),
    )  # fmt: skip


def full_load(plain: Workload, *, seed: int = 2) -> Workload:
    """The same calls and talk, with types, wrap-up, menu, choices, redials and a day of shifts."""
    rng = np.random.default_rng(seed)
    size, days, attempts = len(plain.arrival), len(plain.first) - 1, 2
    choices = np.zeros(attempts * size, np.int16)
    for bit, share in SHARES.items():
        choices |= np.where(rng.random(attempts * size) < share, bit, 0).astype(np.int16)
    at = np.array([0, 0, 4, 4, 5, 5, 8, 8]) * 3_600_000
    return plain._replace(
        call_type=rng.integers(0, 3, size),
        talk=plain.talk * 4 // 5,
        wrap=plain.talk - plain.talk * 4 // 5,
        menu=(rng.exponential(20, size) * 1000).astype(np.int64),
        attempts=attempts,
        patience=np.concatenate([plain.patience, rng.permutation(plain.patience)]),
        choices=choices,
        redial_delay=(rng.exponential(600, attempts * size) * 1000).astype(np.int64),
        reached_on=rng.integers(0, 3, size),
        staff_first=np.arange(days + 1, dtype=np.int64) * len(at),
        staff_at=np.tile(at, days),
        staff_team=np.tile([0, 1], days * len(at) // 2),
        staff_agents=np.tile([9, 3, 8, 3, 9, 2, 9, 3], days),
    )


def tutorial(load: Workload) -> int:
    """SimPy as tutorials write it: a process a caller, `request | timeout`. Gives the number of hang-ups."""
    calls: list[dict[str, float | str]] = []

    def caller(env: simpy.Environment, desk: simpy.Resource, patience: float, talk: float) -> Any:
        arrived = env.now
        with desk.request() as request:
            result = yield request | env.timeout(patience)
            wait = env.now - arrived
            if request in result:
                calls.append({"arrival": arrived, "wait": wait, "outcome": "answered"})
                yield env.timeout(talk)
            else:
                calls.append({"arrival": arrived, "wait": wait, "outcome": "abandoned"})

    def source(env: simpy.Environment, desk: simpy.Resource, begin: int, end: int) -> Any:
        for call in range(begin, end):
            yield env.timeout(arrival[call] - env.now)
            env.process(caller(env, desk, patience[call], talk[call]))

    arrival, talk, patience = load.arrival.tolist(), load.talk.tolist(), load.patience.tolist()
    for begin, end in zip(load.first[:-1].tolist(), load.first[1:].tolist(), strict=True):
        env = simpy.Environment()
        env.process(source(env, simpy.Resource(env, AGENTS), begin, end))
        env.run()
    return sum(call["outcome"] == "abandoned" for call in calls)


def with_ciw(days: int) -> int | None:
    """Ciw draws its own dice; gives the number of calls it lived through."""
    try:
        import ciw
    except ImportError:
        return None
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(CALLS_A_DAY / HOURS / 3600)],
        service_distributions=[ciw.dists.Exponential(1 / HANDLE)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE)],
        number_of_servers=[AGENTS],
    )
    for day in range(days):
        ciw.seed(day)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(HOURS * 3600)
    return days * CALLS_A_DAY


C_LOOP = r"""
#include <stdint.h>
#include <stdlib.h>
/* One team, one queue, patience: the special-purpose loop a programmer would write for this desk alone. */
static int64_t *heap; static int64_t size;
static void push(int64_t e) { int64_t i = size++; while (i) { int64_t p = (i - 1) >> 1; if (heap[p] <= e) break;
    heap[i] = heap[p]; i = p; } heap[i] = e; }
static void pop(void) { int64_t last = heap[--size], i = 0, c = 1; while (c < size) {
    if (c + 1 < size && heap[c + 1] < heap[c]) c++; if (last <= heap[c]) break;
    heap[i] = heap[c]; i = c; c = 2 * c + 1; }
    heap[i] = last; }
int64_t run(int64_t days, const int64_t *first, const int64_t *arrival, const int64_t *talk, const int64_t *patience,
            int64_t agents, int64_t calls, int8_t *outcome, int64_t *left) {
    int64_t *next = malloc(calls * 8), *prev = malloc(calls * 8), lost = 0; heap = malloc((2 * calls + 8) * 8);
    for (int64_t d = 0; d < days; d++) {
        int64_t i = first[d], end = first[d + 1], idle = agents, head = -1, tail = -1; size = 0;
        for (;;) {
            int64_t a = i < end ? arrival[i] << 32 | (int64_t)7 << 29 | i : INT64_MAX;
            int64_t e = size ? heap[0] : INT64_MAX;
            if (a == INT64_MAX && e == INT64_MAX) break;
            if (a < e) { int64_t now = arrival[i];
                if (idle > 0) { idle--; outcome[i] = 1; left[i] = now; push((now + talk[i]) << 32 | i); }
                else { outcome[i] = 9; prev[i] = tail; next[i] = -1; if (tail >= 0) next[tail] = i; else head = i;
                    tail = i; push((now + patience[i]) << 32 | (int64_t)3 << 29 | i); }
                i++; continue; }
            pop(); int64_t now = e >> 32, row = e & ((1LL << 29) - 1);
            if (((e >> 29) & 7) == 0) { if (head >= 0) { int64_t r = head; head = next[r];
                    if (head >= 0) prev[head] = -1; else tail = -1;
                    outcome[r] = 1; left[r] = now; push((now + talk[r]) << 32 | r); } else idle++; }
            else if (outcome[row] == 9) { outcome[row] = 2; left[row] = now; lost++;
                if (prev[row] >= 0) next[prev[row]] = next[row]; else head = next[row];
                if (next[row] >= 0) prev[next[row]] = prev[row]; else tail = prev[row]; }
        }
    }
    free(next); free(prev); free(heap); return lost;
}
"""


def c_loop(load: Workload) -> Callable[[], int] | None:
    """The C loop, compiled now, if there is a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp())
    (folder / "loop.c").write_text(C_LOOP)
    built = folder / "loop.so"
    subprocess.run([compiler, "-O3", "-shared", "-fPIC", "-o", str(built), str(folder / "loop.c")], check=True)
    loop = ctypes.CDLL(str(built)).run
    loop.restype = ctypes.c_int64
    outcome, left = np.zeros(len(load.arrival), np.int8), np.zeros(len(load.arrival), np.int64)

    def pointer(array: np.ndarray) -> ctypes.c_void_p:
        return array.ctypes.data_as(ctypes.c_void_p)

    def once() -> int:
        return loop(
            ctypes.c_int64(len(load.first) - 1), pointer(load.first), pointer(load.arrival), pointer(load.talk),
            pointer(load.patience), ctypes.c_int64(AGENTS), ctypes.c_int64(len(load.arrival)), pointer(outcome),
            pointer(left),
        )  # fmt: skip

    return once


def rate(run: Callable[[], object], calls: int, *, tries: int) -> float:
    """Calls a second, the best of a few tries."""
    best = float("inf")
    for _ in range(tries):
        began = time.process_time()
        run()
        best = min(best, time.process_time() - began)
    return calls / best


def main() -> None:
    """Print every engine's speed and its ratio to tutorial SimPy."""
    small, large = plain_load(10), plain_load(300)
    desk, everything = plain_desk(types=1, teams=1), full_desk()
    small_full, large_full = full_load(small), full_load(large)
    loop = c_loop(large)
    lost = int((compiled_engine.run(desk, large).outcome == 2).sum())
    assert loop is None or loop() == lost, "the C loop and the kernel disagree"
    assert tutorial(small) == int((simpy_engine.run(desk, small).outcome == 2).sum()), "tutorial SimPy disagrees"
    compiled_engine.run(everything, small_full)
    began = time.process_time()
    drawn_by_ciw = with_ciw(5)
    ciw_rate = drawn_by_ciw / (time.process_time() - began) if drawn_by_ciw else None
    figures: dict[str, float | None] = {
        "SimPy as tutorials write it": rate(lambda: tutorial(small), len(small.arrival), tries=5),
        "Ciw (draws its own dice)": ciw_rate,
        "our SimPy engine, plain": rate(lambda: simpy_engine.run(desk, small), len(small.arrival), tries=5),
        "our SimPy engine, every option": rate(
            lambda: simpy_engine.run(everything, small_full), len(small.arrival), tries=3
        ),
        "our compiled engine, plain": rate(lambda: compiled_engine.run(desk, large), len(large.arrival), tries=7),
        "our compiled engine, every option": rate(
            lambda: compiled_engine.run(everything, large_full), len(large.arrival), tries=7
        ),
        "C -O3, special-purpose loop": rate(loop, len(large.arrival), tries=7) if loop else None,
    }
    base = figures["SimPy as tutorials write it"] or 1.0
    print(f"{CALLS_A_DAY} calls a day, {AGENTS} agents, {lost / len(large.arrival):.1%} abandoned")
    for name, found in figures.items():
        print(f"{name:36} " + ("not here" if found is None else f"{found:12,.0f} calls/s  {found / base:7.1f} ×"))
    plain, loop_rate = figures["our compiled engine, plain"], figures["C -O3, special-purpose loop"]
    if plain and loop_rate:
        print(f"compiled engine to C loop: {plain / loop_rate:.2f}")
    for calls, agents in ((100_000, 1000), (140_000, 1000)):
        big = plain_load(3, calls=calls, agents=agents)
        found = rate(lambda big=big: compiled_engine.run(desk, big), len(big.arrival), tries=5)
        print(f"{calls:,} calls a day, {agents:,} agents: {found:,.0f} calls/s, 1 : {(plain or 0) / found:.1f}")


if __name__ == "__main__":
    sys.exit(main())
