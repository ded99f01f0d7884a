"""What memory is left: the machine's, or less where a limit is set."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from workbench.core.base import memory


def test_no_more_is_left_than_the_machine_has() -> None:
    assert 0 < memory.available_bytes() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("most", "left"), [("3000000", 1_000_000), ("1000000", 0), ("max", None)]
)
def test_a_container_leaves_what_its_limit_does(
    most: str, left: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = memory.available_bytes()
    (tmp_path / "memory.max").write_text(f"{most}\n")
    (tmp_path / "memory.current").write_text("2000000\n")
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path)
    found = memory.available_bytes()
    assert found == left if left is not None else found > without / 2
