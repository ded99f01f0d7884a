"""A run's configuration is in its checkpoints too, and comes back from there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.checking.test_run_check import contents, looked, repaired
from tests.core.training.test_generations import damage
from tests.made_runs import finish, made, small_config, stop_after
from workbench.core.queue.claiming import Claims
from workbench.core.queue.queue import RunQueue
from workbench.core.queue.searches import with_next_trial
from workbench.core.runs.bundle import bundle
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder

OLD = Path(__file__).parents[2] / "made_by_0_1_0"


@pytest.fixture
def stopped(tmp_path: Path) -> RunFolder:
    folder = made(tmp_path / "runs")
    stop_after(folder, 24)
    return folder


def made_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[:120]),
    "no text": lambda file: file.write_bytes(b"\xff\xfe\x00" * 50),
    "no TOML": lambda file: file.write_text("task = ["),
    "another version's": lambda file: file.write_text("[task]\nkind = 'new'\n"),
    "a folder": made_a_folder,
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_configuration_is_made_anew_from_a_checkpoint(stopped, how):
    file, before = stopped.path / "config.toml", stopped.config()
    DAMAGES[how](file)
    with pytest.raises(RunError) as raised:
        stopped.config()
    assert [each.kind.value for each in raised.value.remedies] == ["repair"]
    was = contents(stopped)
    (finding,) = looked(stopped).findings
    assert finding.file == file
    assert "repairing takes what latest.safetensors (meta-step" in finding.remedy
    is_kept = finding.remedy.endswith(" has, and the damaged file is kept aside")
    assert is_kept == (how != "missing")
    done = repaired(stopped)
    assert (done.findings, len(done.done)) == ((), 1)
    assert stopped.config() == before
    aside = [each.name for each in stopped.path.glob("config.damaged-*")]
    assert aside == ["config.damaged-1.toml"] * (how != "missing")
    assert (
        how in ("missing", "a folder") or contents(stopped)[aside[0]] == was[file.name]
    )
    finish(stopped)
    assert stopped.info().state == "completed"


def test_a_checkpoint_that_is_damaged_is_not_taken_at_its_word(stopped):
    before = stopped.config()
    (stopped.path / "config.toml").unlink()
    damage(stopped, "latest", "latest-before")
    (*_, finding) = looked(stopped).findings
    assert "repairing takes what best" in finding.remedy
    assert repaired(stopped).findings == ()
    assert stopped.config() == before


def test_a_run_that_is_to_be_trained_further_still_is(run):
    further = run.config().replace({"training.iterations": 30})
    run.replace_config(further)
    (run.path / "config.toml").write_text("[task")
    (said,) = repaired(run).done
    assert "from latest.safetensors (meta-step 20), for 30 meta-steps" in said
    assert run.config() == further
    finish(run)
    assert run.info().step == 30


def test_a_setting_that_changed_by_itself_is_told_of_and_changed_back(stopped):
    before = stopped.config()
    file = stopped.path / "config.toml"
    file.write_text(file.read_text().replace("inner_lr = 0.01", "inner_lr = 0.03"))
    (finding,) = looked(stopped).findings
    assert finding.wrong.startswith("algorithm.inner_lr is 0.03, and 0.01 in latest.")
    assert repaired(stopped).findings == ()
    assert stopped.config() == before
    assert "0.03" in (stopped.path / "config.damaged-1.toml").read_text()


def test_what_may_change_when_a_run_goes_on_is_left_as_it_is(run):
    changes = {"evaluation.tasks": 7, "training.checkpoint_every": 3}
    run.replace_config(run.config().replace(changes))
    assert looked(run).findings == ()
    file = run.path / "config.toml"
    file.write_text(file.read_text().replace("inner_lr = 0.01", "inner_lr = 0.03"))
    assert repaired(run).findings == ()
    assert run.config() == small_config().replace(changes)


def test_where_nothing_else_has_the_configuration_this_is_said(tmp_path):
    run = RunFolder(Path(shutil.copytree(OLD, tmp_path / "old")))
    file = run.path / "config.toml"
    file.write_text("task = [")
    finding = next(each for each in repaired(run).findings if each.file == file)
    assert finding.mend is None
    assert finding.remedy == (
        "nothing else holds the settings: bring back a copy of the file"
    )
    assert file.read_text() == "task = ["


def test_before_the_first_checkpoint_the_queue_has_it(tmp_path):
    queue = RunQueue(tmp_path)
    queue.add([("mine", small_config(training__seed=7))])
    claims = Claims(queue, "me", "cpu")
    (item,) = claims.take(with_next_trial)
    folder = RunFolder.create(
        tmp_path,
        small_config(training__seed=7),
        announce=lambda name: claims.change(item, run=name),
    )
    (folder.path / "config.toml").write_bytes(b"")
    assert "what queue.json has" in looked(folder).findings[0].remedy
    assert repaired(folder).findings == ()
    assert folder.config() == small_config(training__seed=7)


def test_a_model_s_is_that_which_serves_it_best(run, tmp_path):
    model = RunFolder(bundle(run, tmp_path / "m", {"algorithm.inner_steps": 3}))
    whole = model.config()
    assert looked(model).findings == ()
    (model.path / "config.toml").unlink()
    assert repaired(model).findings == ()
    assert model.config() == whole
    assert whole.algorithm.inner_steps == 3
