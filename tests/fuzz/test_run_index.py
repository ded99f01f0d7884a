"""The index of runs, damaged: the folders are the truth, and what they say is shown."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.damage import damaged
from tests.fuzz.holding import Holder
from tests.made_stores import add_many
from workbench.core.runs.index import all_rows
from workbench.core.runs.row import RunRow


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    add_many(tmp_path / "runs", 12)
    return tmp_path / "runs"


def test_a_damaged_index_says_what_the_folders_say(runs: Path, holder: Holder):
    file = holder.folder / "index.sqlite3"
    expected = all_rows(runs, file)
    original = file.read_bytes()

    def case(draw: Random) -> None:
        file.write_bytes(damaged(original, draw, record))
        assert all_rows(runs, file) == expected

    def record(content: bytes, draw: Random) -> bytes:
        """Damage where the rows are, and not the pages that are free."""
        at = content.rfind(b"\0" * 64)
        return content[:at] + damaged(content[at:], draw)[: len(content) - at]

    holder.each(case)


ODD_CELLS = (None, -1, 2**62, 0.5, float("inf"), "text", b"bytes", "", "running")


def test_odd_values_in_the_index_are_not_shown(runs: Path, holder: Holder):
    file = holder.folder / "index.sqlite3"
    expected = all_rows(runs, file)
    original = file.read_bytes()

    def case(draw: Random) -> None:
        file.write_bytes(original)
        connection = sqlite3.connect(file)
        column = draw.choice(("stamp", *RunRow._fields))
        with connection:
            connection.execute(
                f"UPDATE runs SET {column} = ? WHERE rowid = 3",
                (draw.choice(ODD_CELLS),),
            )
        connection.close()
        assert all_rows(runs, file) == expected

    holder.each(case, share=0.3)
