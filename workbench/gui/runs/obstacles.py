"""What stands in the way of each action on runs, in words for its tooltip."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from workbench.core.runs.row import RunRow
from workbench.gui.runs.tree_model import MOST_CHECKED

_NONE = "Select a run first"
_ONE = "Select one run only"
_TWO = "Select two runs, no more and no less"
_UNTRAINED = "This run has no checkpoint: it ended before the first"
_WAIT = "This run has no checkpoint yet"
_UNMEASURED = "This run has measured nothing"
_NO_TENSORBOARD = (
    "TensorBoard is not installed: pip install 'fewshot-workbench[tensorboard]'"
)


def obstacles(chosen: Sequence[RunRow], runs: Path) -> dict[str, str]:
    """Return why each action on these runs of a folder cannot be taken; "" if it can.

    By the action's name, like ``evaluate``.
    """
    readable = [row for row in chosen if row.is_run]
    any_one = "" if chosen else _NONE
    some_run = any_one or ("" if readable else _unreadable(chosen[0]))
    single = some_run or ("" if len(chosen) == 1 else _ONE)
    # Of several, those that cannot are told of when the others are done.
    only = readable[0] if readable and not single else None
    trained = some_run or ("" if only is None else _no_checkpoint(only, runs))
    measured = some_run or ("" if only is None else _no_metrics(only, runs))
    return {
        "show": single,
        "evaluate": trained,
        "compare": _comparable(len(readable)),
        "duplicate": single,
        "check": any_one,
        "difference": "" if len(readable) == 2 == len(chosen) else _TWO,
        "report": some_run,
        "export_csv": measured,
        "export_tensorboard": measured
        or ("" if _has_tensorboard() else _NO_TENSORBOARD),
        "export_weights": trained,
        "rename": single,
        "tag": some_run,
        "note": some_run,
        "reveal": any_one or ("" if len(chosen) == 1 else _ONE),
        "trash": any_one,
    }


def _comparable(count: int) -> str:
    if count < 2:
        return "Select two runs or more"
    return "" if count <= MOST_CHECKED else f"At most {MOST_CHECKED} runs are compared"


def _unreadable(row: RunRow) -> str:
    hint = ". Check this run: it may be repaired" if row.state == "damaged" else ""
    return f"This is no readable run: {row.problem}{hint}"


def _no_checkpoint(row: RunRow, runs: Path) -> str:
    if any((runs / row.folder / "checkpoints").glob("*.safetensors")):
        return ""
    return _WAIT if row.is_alive or row.state == "created" else _UNTRAINED


def _no_metrics(row: RunRow, runs: Path) -> str:
    try:
        size = (runs / row.folder / "metrics.jsonl").stat().st_size
    except OSError:
        size = 0
    return "" if size else _UNMEASURED


@cache
def _has_tensorboard() -> bool:
    return find_spec("tensorboard") is not None
