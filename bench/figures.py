"""Figures as a person reads them: medians, ratios, tables, and the machine that they are of."""

import os
import platform
import statistics
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version

import psutil


def median(values: Iterable[float]) -> float:
    """Of several rounds: one that something else disturbed does not count."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; ``share`` 0.99 is p99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def calibrate() -> float:
    """Seconds that ten million multiplications take at the moment: how fast the machine is, with others on it."""
    began, x = time.perf_counter(), 0
    for i in range(10_000_000):
        x += i * i % 7
    return time.perf_counter() - began


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table, for a terminal and for a note alike."""
    widths = [max(len(row[column]) for row in (titles, *rows)) for column in range(len(titles))]
    for row in (titles, ["-" * width for width in widths], *rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    print(flush=True)


def calibration_seconds() -> float:
    """CPU seconds of a loop that is always the same: how fast one core is for Python just now. Figures of two
    machines, or of one at two times, compare by their ratios to it."""
    began = time.process_time()
    x = 0
    for i in range(10_000_000):
        x += i * i % 7
    return time.process_time() - began


def show_machine(*packages: str) -> None:
    """What the figures depend on: the machine, its load before, and the versions of what is measured."""
    memory = psutil.virtual_memory().total / 2**30
    seconds = calibration_seconds()  # first of all: it is what the load says of this machine, in seconds
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.platform()}, Python {platform.python_version()}")
    print(", ".join(f"{name} {version(name)}" for name in packages))
    print(f"load before (1, 5, 15 min): {load}; calibration: {seconds:.2f} s\n", flush=True)
