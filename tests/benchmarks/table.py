"""Makes the README's tables of speed from what ``bench`` and ``against_peers`` printed.

    python main.py bench --json > bench.jsonl
    python -m tests.benchmarks.against_peers --json > peers.jsonl
    python -m tests.benchmarks.against_peers --memory --json >> peers.jsonl
    python -m tests.benchmarks.table peers.jsonl bench.jsonl

Files may come in any order, and what in them is not JSON is passed over. Each device
has a table of its own, with the columns for which there are figures; those of the
README are made of ``docs/speed.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.planning.bench_workloads import WORKLOADS

LEARNER = "maml"
"""Whose lines of ``bench`` are meant: the peers make its meta-steps."""

TIMES = {
    "cpu": dict.fromkeys(WORKLOADS, 1.5)
    | {"sinusoid-1": 10, "sinusoid-5": 10, "omniglot5-5": 2},
    "cuda": dict.fromkeys(WORKLOADS, 10),
}
"""How many times as fast as the best peer a device should be."""
MEMORY = 1.2
"""At most how much of the best peer's memory should be used."""

Figures = dict[str, dict[str, Any]]
"""What was measured on a device, by workload."""


class Column(NamedTuple):
    """A column of a table: what figure it shows, and from where on without decimals."""

    title: str
    figure: str
    form: str
    whole_from: float = math.inf


COLUMNS = (
    Column("meta-steps a second", "meta_steps_per_second", "{:.3g}", 100),
    Column("times faster", "times_faster", "{:.1f}", 10),
    Column("goal", "times_goal", "{:g}"),
    Column("memory", "memory", "{:.2f}"),
    Column("goal", "memory_goal", "{:g}"),
    Column("MB at peak", "peak_memory_mb", "{:.3g}", 100),
    Column("GPU busy", "gpu_busy", "{:.0%}"),
)


def records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield what files say in JSON."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("{"):
                yield json.loads(line)


def by_device(said: Iterable[dict[str, Any]]) -> dict[str, Figures]:
    """Return the figures of each device; what is said later counts."""
    found: dict[str, Figures] = {}
    for record in said:
        if record.get("algorithm", LEARNER) != LEARNER:
            continue
        device, workload = record["device"], record["workload"]
        row = found.setdefault(device, {}).setdefault(workload, {})
        row |= {name: one for name, one in record.items() if one is not None}
        if "times_faster" in row:
            row["times_goal"] = TIMES[device][workload]
        if "memory" in row:
            row["memory_goal"] = MEMORY
    return found


def table(figures: Figures) -> str:
    """Return a device's table in Markdown, in the order of the workloads."""
    workloads = [name for name in WORKLOADS if name in figures]
    columns = [
        column
        for column in COLUMNS
        if any(column.figure in figures[name] for name in workloads)
    ]
    lines = [["workload", *(column.title for column in columns)]]
    lines.append(["---"] * len(lines[0]))
    for name in workloads:
        cells = (cell(column, figures[name]) for column in columns)
        lines.append([f"`{name}`", *cells])
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return text.replace(" --- ", "---") + "\n"


def cell(column: Column, row: dict[str, Any]) -> str:
    """Return a figure of a workload, or a dash where it was not measured."""
    figure = row.get(column.figure)
    if figure is None:
        return "-"
    form = "{:,.0f}" if figure >= column.whole_from else column.form
    return form.format(figure)


def main() -> None:
    """Print a table for each device that there are figures of."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="+", type=Path)
    for device, figures in by_device(records(parser.parse_args().file)).items():
        print(f"**{device}**\n\n{table(figures)}")


if __name__ == "__main__":
    main()
