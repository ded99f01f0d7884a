"""A run of which several files are damaged: repaired as far as it goes, and no further.

Checking changes nothing. Repairing loses nothing that was there, leaves nothing for a
second repair to do, and what it calls well can be read.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

from tests.fuzz.damage import damaged, json_nested, json_value, toml_line, toml_nested
from tests.fuzz.holding import MOST_SIGNS, Holder, state_of
from tests.fuzz.test_checkpoints import header_value, undigested
from tests.fuzz.test_runs import json_line, look_at
from tests.made_runs import made, stop_after
from workbench.core.checking.finding import Checked, check
from workbench.core.checking.run_check import run_subject
from workbench.core.runs.row import read_row
from workbench.core.runs.store import RunFolder

OWN = {
    ".json": (json_value, json_nested),
    ".toml": (toml_line, toml_nested),
    ".jsonl": (json_line,),
    ".safetensors": (header_value, undigested),
    ".txt": (),
}


def test_a_damaged_run_is_repaired_without_loss(run: RunFolder, holder: Holder):
    hold(run, holder)


def test_a_damaged_run_that_was_stopped_is_repaired_without_loss(holder: Holder):
    folder = made(holder.folder / "stopped")
    stop_after(folder, 24)
    hold(folder, holder)


def hold(run: RunFolder, holder: Holder) -> None:
    whole = Path(shutil.copytree(run.path, holder.folder / "whole"))

    def case(draw: Random) -> None:
        shutil.rmtree(run.path)
        shutil.copytree(whole, run.path)
        files = [file for file in sorted(run.path.rglob("*.*")) if file.suffix in OWN]
        for file in draw.sample(files, draw.choice((1, 1, 2, 3))):
            if draw.random() < 0.1:
                file.unlink()
            else:
                content = damaged(file.read_bytes(), draw, *OWN[file.suffix])
                file.write_bytes(content)
        before = state_of(run.path)
        check_texts(check(run_subject(run)))
        assert state_of(run.path) == before
        done = check(run_subject(run), repair=True)
        check_texts(done)
        kept = set(state_of(run.path).values())
        lost = {name for name, content in before.items() if content not in kept}
        assert lost <= {"run.json", "log.txt"}, lost
        again = check(run_subject(run), repair=True)
        assert again.done == ()
        assert [each.file for each in again.findings] == [
            each.file for each in done.findings
        ]
        if not done.findings:
            look_at(run)
            assert read_row(run.path).is_run

    holder.each(case, share=0.1)


def check_texts(checked: Checked) -> None:
    for text in (*checked.done, *(finding.text for finding in checked.findings)):
        assert text.isprintable(), repr(text)
        assert len(text) < MOST_SIGNS, text
