"""How fast do the engines live one day, against SimPy as tutorials write it, Ciw and a C event loop?

One run, one machine, one desk (`simulated_desk.py`): 1,000 calls a day on 12 agents, handling 5 minutes, patience 3.
Inputs are drawn once and not timed. A call is a caller of the day: where callers call again, the attempts lived through
are more, and stand beside. The tries of all engines take turns, and each figure is the best of its tries in processor
time, so that a busy machine matters less; the ratios are what counts. Last, the command line from cold.

    python benchmarks/simulation.py
"""

import ctypes
import os
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

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from simulated_desk import AGENTS, CALLS_A_DAY, HANDLE, HOURS, PATIENCE, full_desk, full_load, plain_load, taken  # noqa: E402

from kcas.simulation.engines import compiled_engine, simpy_engine  # noqa: E402
from kcas.simulation.engines.tables import ABANDONED, Workload, plain_desk  # noqa: E402

ROUNDS = 9
TUTORIAL, CIW, C = "SimPy as tutorials write it", "Ciw (draws its own random numbers)", "C -O3, special-purpose loop"
SIMPY, SIMPY_FULL = "our SimPy engine, plain", "our SimPy engine, every option"
COMPILED, COMPILED_FULL = "our compiled engine, plain", "our compiled engine, every option"
WANTED = {SIMPY_FULL: 3, COMPILED: 150, COMPILED_FULL: 100}
"""Times the speed of tutorial SimPy."""
SOONEST = 3.0
"""Seconds in which the command line from cold must have a first simulated result."""
TODAY = 200
"""Days of `today.toml` that a first result rests on, unless told otherwise."""


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


def with_ciw(days: int) -> float | None:
    """Calls a second of Ciw, which draws its own random numbers."""
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
    began = time.process_time()
    for day in range(days):
        ciw.seed(day)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(HOURS * 3600)
    return days * CALLS_A_DAY / (time.process_time() - began)


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


def best_of(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of the processor that each takes, the best of rounds in which they take turns."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            began = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - began)
    return best


def speeds() -> None:
    """Print every engine's speed and its ratio to tutorial SimPy."""
    small, large = plain_load(10), plain_load(300)
    desk, everything = plain_desk(types=1, teams=1), full_desk()
    small_full, large_full = full_load(small), full_load(large)
    loop = c_loop(large)
    lost = int((compiled_engine.run(desk, large).outcome == ABANDONED).sum())
    assert loop is None or loop() == lost, "the C loop and the kernel disagree"
    assert tutorial(small) == int((simpy_engine.run(desk, small).outcome == ABANDONED).sum()), "tutorial disagrees"
    for one, other in zip(*(each.run(everything, small_full) for each in (compiled_engine, simpy_engine)), strict=True):
        assert np.array_equal(one, other), "the engines disagree"
    lived = compiled_engine.run(everything, large_full)
    print("The desk with every option, calls a day that met each:")
    for name, count in taken(everything, large_full, lived).items():
        print(f"  {name:44} {count:8.1f}")
    runs: dict[str, tuple[Callable[[], object], int]] = {
        TUTORIAL: (lambda: tutorial(small), len(small.arrival)),
        SIMPY: (lambda: simpy_engine.run(desk, small), len(small.arrival)),
        SIMPY_FULL: (lambda: simpy_engine.run(everything, small_full), len(small.arrival)),
        COMPILED: (lambda: compiled_engine.run(desk, large), len(large.arrival)),
        COMPILED_FULL: (lambda: compiled_engine.run(everything, large_full), len(large.arrival)),
    }
    if loop:
        runs[C] = (loop, len(large.arrival))
    crowds = {calls: plain_load(3, calls=calls, agents=1000) for calls in (100_000, 140_000)}
    for calls, crowd in crowds.items():
        name = f"{calls:,} calls a day, 1,000 agents"
        runs[name] = (lambda crowd=crowd: compiled_engine.run(desk, crowd), len(crowd.arrival))
    took = best_of({name: run for name, (run, _) in runs.items()})
    rates = {name: calls / took[name] for name, (_, calls) in runs.items()}
    if by_ciw := with_ciw(5):
        rates[CIW] = by_ciw
    attempts = (lived.outcome > 0).sum() / len(large.arrival)
    print(f"\n{CALLS_A_DAY} calls a day, {AGENTS} agents; the plain desk loses {lost / len(large.arrival):.1%}")
    for name, found in rates.items():
        times = found / rates[TUTORIAL]
        wanted = f"   wanted {WANTED[name]} ×" if name in WANTED else ""
        also = f" ({times * attempts:.1f} × by attempts)" if name in (SIMPY_FULL, COMPILED_FULL) else ""
        print(f"{name:36} {found:12,.0f} calls/s  {times:7.1f} ×{also}{wanted}")
    if loop:
        print(f"Compiled engine to C loop: {rates[COMPILED] / rates[C]:.2f}   wanted 0.5")
    slowest = max(rates[COMPILED] / found for name, found in rates.items() if "1,000 agents" in name)
    print(f"A thousand agents: {slowest:.1f} times the small desk's time a call at most   wanted 3")


def from_cold() -> None:
    """Print how long the command line takes to a first simulated result, in a process of its own each time."""
    command = [sys.executable, "-m", "kcas", "simulate", str(ROOT / "scenarios/today.toml")]
    outside = [sys.executable, __file__, "--tutorial"]
    print("\nFrom a cold start to the answer, best of three, seconds (of the processor):")
    with tempfile.TemporaryDirectory() as folder:
        base = started(outside, cache=folder)
        print(f"{'as many calls in tutorial SimPy':36} {base[0]:6.2f} ({base[1]:.2f})")
        empty = min(started(command, cache=str(Path(folder) / str(number))) for number in range(3))
        subprocess.run([sys.executable, "-m", "kcas.simulation.engines.warm_up"], env=settings(folder), check=True)
        full = min(started(command, cache=folder) for _ in range(3))
    for name, (wall, processor) in (("no machine code kept yet", empty), ("machine code kept", full)):
        ratio = processor / base[1]
        print(f"kcas simulate, {name:24} {wall:6.2f} ({processor:.2f})  {ratio:.2f} : 1   wanted {SOONEST:g} s")


def settings(cache: str) -> dict[str, str]:
    """The settings of a process that keeps its machine code there."""
    return {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPATH": str(ROOT)}


def started(command: list[str], *, cache: str) -> tuple[float, float]:
    """Seconds by the clock and of the processor that a command takes."""
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, env=settings(cache), check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, used


def main() -> None:
    """Speeds in this process, then the command line."""
    if "--tutorial" in sys.argv:
        tutorial(plain_load(round(TODAY * 700 / CALLS_A_DAY)))
        return
    speeds()
    from_cold()


if __name__ == "__main__":
    main()
