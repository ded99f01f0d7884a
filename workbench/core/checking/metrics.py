"""Looks at a run's events: every line of metrics.jsonl, in order, none lost.

A line that is dropped becomes a blank one of the same length: checkpoints say how long
the file was when they were written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.files import (
    aside_of,
    copy_atomically,
    open_to_read,
    read,
    write_atomically,
)
from workbench.core.base.phrases import counted
from workbench.core.checking.finding import Finding
from workbench.core.runs.checkpoint import Facts
from workbench.core.runs.events import StepEvent, from_json
from workbench.core.runs.store import RunFolder

_MOST_BYTES = 2**34
_MOST_BLANK = 2**28
_MOST_NAMED = 3
_SHOWN = 40
_NOT_BROUGHT_BACK = (
    "nothing else holds what they said: plots go straight on, and the weights are whole"
)


class _Line(NamedTuple):
    """A line that is no event: its number, and where it is."""

    number: int
    start: int
    end: int
    text: str


class _Scan(NamedTuple):
    """What is wrong with the lines; ``whole`` is where a last one that is cut begins.

    ``leaps`` has the number of each line that is not of the step that was next, with
    its step, and the step before. ``lost`` has the first and the last of the steps that
    are missing, also where a line cannot be read; ``step`` is the last there is.
    """

    size: int = 0
    whole: int = 0
    bad: Sequence[_Line] = ()
    leaps: Sequence[tuple[int, int, int]] = ()
    lost: Sequence[tuple[int, int]] = ()
    step: int = 0


def look_at_metrics(folder: RunFolder, latest: Facts | None) -> Iterator[Finding]:
    """Yield what is wrong with the events, beside the latest checkpoint if any."""
    file, length = folder.metrics, latest.length if latest else 0
    if os.path.lexists(file) and not file.is_file():
        yield Finding(file, "it is not a regular file", "move it away")
        return
    scan = _scanned(file)
    mend = partial(_mended, folder, latest)
    kept = "and keeps the file aside as it was"
    if scan.bad:
        yield Finding(file, _no_events(scan.bad), f"repairing blanks it {kept}", mend)
    if scan.whole < scan.size:
        cut = scan.size - scan.whole
        wrong = f"its last line is cut after {counted(cut, 'byte')}"
        yield Finding(file, wrong, f"repairing takes it off {kept}", mend)
    if latest and scan.size < length:
        wrong = (
            f"it has {scan.size:,} bytes, and the latest checkpoint, of meta-step "
            f"{latest.step:,}, goes with {length:,}: its end was lost"
        )
        if length - scan.size > _MOST_BLANK:
            yield Finding(file, wrong, "train its configuration anew")
        else:
            remedy = "repairing puts a blank line there, so that training can go on"
            yield Finding(file, wrong, remedy, mend)
    for number, step, before in scan.leaps[:_MOST_NAMED]:
        more = len(scan.leaps) - _MOST_NAMED
        also = f" (and {more:,} more like it)" if more > 0 else ""
        wrong = f"line {number:,} is of meta-step {step:,}, after {before:,}{also}"
        if step > before + 1:
            wrong = f"before line {number:,} {_lost([(before + 1, step - 1)])}{also}"
        yield Finding(file, wrong, _NOT_BROUGHT_BACK)


def _scanned(file: Path) -> _Scan:
    if not file.is_file():
        return _Scan()
    end = whole = last = 0
    bad: list[_Line] = []
    leaps: list[tuple[int, int, int]] = []
    lost: list[tuple[int, int]] = []
    is_known = True  # not after a line that nothing can be read of
    with open_to_read(file) as lines:
        for number, line in enumerate(lines, start=1):
            start, end = end, end + len(line)
            if not line.endswith(b"\n"):
                break
            whole = end
            try:
                event = from_json(line.decode()) if line.strip() else None
            except ValueError:
                text = line[:_SHOWN].decode(errors="replace").rstrip()
                bad.append(_Line(number, start, end, text))
                event = None
            if event is None:
                is_known = False
            elif isinstance(event, StepEvent) and isinstance(event.step, int):
                if event.step > last + 1:
                    lost.append((last + 1, event.step - 1))
                if event.step != last + 1 and is_known:
                    leaps.append((number, event.step, last))
                last, is_known = event.step, True
    return _Scan(end, whole, bad, leaps, lost, last)


def _no_events(bad: Sequence[_Line]) -> str:
    if len(bad) == 1:
        return f"line {bad[0].number:,} is no event ({bad[0].text!r})"
    named = ", ".join(f"{line.number:,}" for line in bad[:_MOST_NAMED])
    more = len(bad) - _MOST_NAMED
    return f"lines {named}{f' and {more:,} more' * (more > 0)} are no events"


def _lost(spans: Sequence[tuple[int, int]]) -> str:
    """Return which meta-steps are missing, in words."""
    named = [
        f"{first:,}" if first == last else f"{first:,} to {last:,}"
        for first, last in spans[:_MOST_NAMED]
    ]
    more = len(spans) - _MOST_NAMED
    named += [f"{counted(more, 'stretch', 'stretches')} more"] * (more > 0)
    is_one = len(spans) == 1 and spans[0][0] == spans[0][1]
    words = ("meta-step", "is") if is_one else ("meta-steps", "are")
    return f"{words[0]} {', '.join(named)} {words[1]} missing"


def _mended(folder: RunFolder, latest: Facts | None) -> str:
    file, length = folder.metrics, latest.length if latest else 0
    scan = _scanned(file)
    if length - scan.size > _MOST_BLANK:
        length = 0
    if not scan.bad and scan.whole == scan.size >= length:
        return ""
    content = bytearray(read(file, _MOST_BYTES) if scan.size else b"")[: scan.whole]
    for line in scan.bad:
        content[line.start : line.end - 1] = b" " * (line.end - 1 - line.start)
    if len(content) < length:
        content += b" " * (length - len(content) - 1) + b"\n"
    said = f"{file.name} has only whole lines again"
    if scan.size:
        aside = aside_of(file)
        copy_atomically(file, aside, may_link=True)
        said += f"; as it was, it is kept as {aside.name}"
    write_atomically(file, bytes(content))
    lost = [*scan.lost]
    if latest is not None and latest.step > scan.step:
        lost.append((scan.step + 1, latest.step))
    if lost:
        said += f"; {_lost(lost)} in it"
        folder.log(said)
    return said
