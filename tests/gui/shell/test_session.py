"""The session: edits, undo and redo, files."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.made_members import learners
from workbench.core.config.known import offered
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.core.runs.store import RunFolder
from workbench.gui.look import preferences
from workbench.gui.shell import drafts
from workbench.gui.shell.edits import MOST_UNDONE
from workbench.gui.shell.opening import open_path
from workbench.gui.shell.session import Session


def test_the_first_draft_can_be_run(session: Session) -> None:
    assert session.draft["algorithm"]["kind"] == "maml"
    assert session.config is not None
    assert session.mistakes == ()


def test_a_field_set_is_in_the_configuration(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.config_changed) as signal:
        session.set_field("algorithm.inner_lr", 0.4)
    assert signal.args[0].algorithm.inner_lr == 0.4


def test_a_wrong_field_takes_the_configuration_away_and_is_named(
    session: Session,
) -> None:
    session.set_field("algorithm.inner_lr", "fast")
    assert session.config is None
    assert [mistake.field for mistake in session.mistakes] == ["algorithm.inner_lr"]
    session.set_field("algorithm.inner_lr", 0.1)
    assert session.config is not None
    assert session.mistakes == ()


def test_undo_and_redo_walk_through_the_edits(session: Session) -> None:
    before = session.draft
    session.set_field("training.seed", 7)
    session.set_kind("algorithm", "reptile")
    after = session.draft
    session.undo()
    session.undo()
    assert session.draft == before
    session.redo()
    session.redo()
    assert session.draft == after


def test_what_was_typed_in_one_go_is_undone_in_one_go(session: Session) -> None:
    for value in (1, 12, 123):
        session.set_field("training.seed", value, typing=True)
    session.end_typing()
    session.set_field("training.seed", 5, typing=True)
    session.undo()
    assert session.draft["training"]["seed"] == 123
    session.undo()
    assert session.draft["training"]["seed"] == 0


def test_another_kind_keeps_what_was_changed_and_takes_its_own_defaults(
    session: Session,
) -> None:
    session.set_kind("algorithm", "maml")
    session.set_field("algorithm.inner_steps", 3)
    session.set_kind("algorithm", "reptile")
    assert session.draft["algorithm"]["inner_steps"] == 3
    reptile = drafts.settings_of(session.draft, "algorithm")
    rate = reptile.model_fields["inner_lr"].default
    assert session.draft["algorithm"]["inner_lr"] == rate


def test_another_kind_does_not_keep_what_it_does_not_offer(session: Session) -> None:
    session.set_kind("task", "omniglot")
    session.set_field("task.split", "vinyals")
    session.set_kind("task", "pictures")
    assert session.draft["task"]["split"] == "by folders"


def test_reset_brings_the_default_back(session: Session) -> None:
    session.set_field("training.meta_lr", 0.5)
    session.reset_field("training.meta_lr")
    assert session.draft["training"]["meta_lr"] == 1e-3


def test_saving_and_opening_gives_the_same_configuration(
    session: Session, tmp_path: Path
) -> None:
    session.set_field("training.seed", 11)
    saved = session.config
    path = tmp_path / "mine.toml"
    assert session.save(path)
    assert session.undo_stack.isClean()
    session.set_field("training.seed", 12)
    assert not session.undo_stack.isClean()
    open_path(session, path)
    assert session.config == saved
    assert session.file == path
    assert preferences.recent() == [path]


def test_a_file_is_whole_still_where_the_disk_has_no_room_for_another(
    session: Session, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "mine.toml"
    assert session.save(path)
    before = path.read_text()
    session.set_field("training.seed", 11)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, limits[1]))
    saved = session.save(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not saved
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[task", "not valid TOML"),
        (None, "cannot read"),
        (
            'task = "omniglot"',
            "task: 'omniglot' is not a section: begin it with [task]",
        ),
    ],
)
def test_a_file_that_cannot_be_opened_is_named(
    session: Session, qtbot: QtBot, tmp_path: Path, text: str | None, words: str
) -> None:
    path = tmp_path / "broken.toml"
    if text is not None:
        path.write_text(text)
    with qtbot.waitSignal(session.failed) as signal:
        open_path(session, path)
    summary, details = signal.args
    assert summary == "Cannot open broken.toml."
    assert words in details


def test_a_file_with_unknown_fields_opens_with_the_mistake_shown(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "odd.toml"
    path.write_text("[training]\nsede = 4\n")
    open_path(session, path)
    assert session.config is None
    assert "did you mean training.seed" in session.why_not()


@pytest.mark.parametrize("section", ["task", "model", "algorithm"])
def test_a_file_whose_kind_is_no_name_opens_with_the_mistake_shown(
    session: Session, tmp_path: Path, section: str
) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(f'[{section}]\nkind = ["a"]\n')
    open_path(session, path)
    assert f"{section}.kind" in [mistake.field for mistake in session.mistakes]
    assert offered(session.draft, "") is None


def test_a_file_with_a_date_opens_with_the_mistake_shown_and_is_kept(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "dated.toml"
    path.write_text("made = 2026-01-31\n[training]\nseed = 07:32:00\n")
    open_path(session, path)
    assert "'07:32:00' is not a whole number" in session.why_not()
    preferences.remember_draft(session.draft, session.preset)
    assert preferences.draft() == (session.draft, "")


def test_a_draft_that_was_changed_by_hand_into_none_does_not_come_back(
    session: Session,
) -> None:
    preferences.remember_draft({"task": "omniglot"}, "")
    before = session.draft
    assert not session.restore_last()
    assert session.draft == before


def test_several_changes_are_undone_as_one(session: Session) -> None:
    before = session.draft
    session.apply_overrides({"training.meta_batch": 4, "algorithm.inner_steps": 2})
    assert session.draft["training"]["meta_batch"] == 4
    session.undo()
    assert session.draft == before


def test_a_configuration_goes_through_a_draft_unchanged(session: Session) -> None:
    config = session.config
    assert config is not None
    assert RunConfig.from_dict(drafts.from_config(config)) == config


@pytest.mark.parametrize("kind", learners("regression"))
def test_a_learner_comes_with_settings_that_work_and_one_undo_takes_them_back(
    session: Session, kind: str
) -> None:
    quick = find_preset("sinusoid-quick")
    session.load_draft(quick.config, quick.name)
    session.set_field("training.seed", 3)
    before = session.draft
    session.set_kind("algorithm", kind)
    assert session.config is not None
    preset = find_preset(session.preset)
    learned = RunConfig.from_dict(preset.config).replace({"training.seed": 3})
    assert session.config == learned
    assert session.draft["algorithm"]["kind"] == kind
    assert offered(session.draft, session.preset) is None
    if kind != before["algorithm"]["kind"]:
        session.undo()
    assert (session.draft, session.preset) == (before, quick.name)


def test_a_learner_after_another_comes_with_its_own_settings_too(
    session: Session,
) -> None:
    quick = find_preset("sinusoid-quick")
    session.load_draft(quick.config, quick.name)
    before = session.draft
    for kind in ("reptile", "imaml", "maml"):
        session.set_kind("algorithm", kind)
    assert (session.draft, session.preset) == (before, quick.name)


def test_own_settings_are_kept_and_those_that_work_are_offered(
    session: Session,
) -> None:
    quick = find_preset("sinusoid-quick")
    session.load_draft(quick.config, quick.name)
    session.set_field("training.meta_lr", 0.005)
    session.set_kind("algorithm", "reptile")
    assert session.draft["training"]["meta_lr"] == 0.005
    before, known = session.draft, offered(session.draft, session.preset)
    assert known is not None
    session.use_known()
    assert session.draft["training"]["meta_lr"] == known.changes["training.meta_lr"]
    assert offered(session.draft, session.preset) is None
    session.undo()
    assert session.draft == before


def test_a_configuration_of_one_s_own_stays_it_with_what_works(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    session.load_draft(find_preset("sinusoid-quick").config)
    assert session.save(path)
    open_path(session, path)
    session.set_kind("algorithm", "reptile")
    assert session.draft["training"]["optimiser"] == "sgd"
    assert (session.preset, session.file) == ("", path)


def test_the_configuration_of_a_run_opens_the_run_and_is_not_edited(
    session: Session, run: RunFolder
) -> None:
    draft = session.draft
    open_path(session, run.path / "config.toml")
    assert session.run is not None
    assert session.run.path == run.path
    assert session.draft == draft
    assert session.file is None
    alone = run.path.parent / "config.toml"
    alone.write_bytes((run.path / "config.toml").read_bytes())
    open_path(session, alone)
    assert session.file == alone


def test_the_newest_edits_are_undone_and_older_ones_forgotten(session: Session) -> None:
    for seed in range(MOST_UNDONE + 50):
        session.set_field("training.seed", seed)
    while session.undo_stack.canUndo():
        session.undo()
    assert session.draft["training"]["seed"] == 49
