"""The Experiment panel: a person chooses, edits, errs, mends, undoes and copies."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from workbench.core.base.devices import choose_device, describe
from workbench.core.base.folders import resource
from workbench.core.config.presets import find_preset, list_presets
from workbench.core.config.run_config import RunConfig, kinds, parse_override
from workbench.core.pacing.known_paces import KnownPace, remember
from workbench.core.pacing.pace import Pace
from workbench.core.planning import room
from workbench.core.runs.search import list_runs
from workbench.gui.app.main_window import MainWindow
from workbench.gui.experiment.experiment_panel import ExperimentPanel
from workbench.gui.experiment.forecast import Forecast, Forecaster
from workbench.gui.forms.learner_card import LearnerCard
from workbench.gui.forms.preset_picker import PresetPicker
from workbench.gui.forms.section_box import SectionBox
from workbench.gui.look import theme
from workbench.gui.shell import drafts
from workbench.gui.shell.actions import Action
from workbench.gui.shell.opening import open_path
from workbench.gui.shell.session import Session

NAME = Qt.ItemDataRole.UserRole


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> ExperimentPanel:
    session.actions.add(Action("run.start", "&Start"))
    panel = ExperimentPanel(session)
    for action in panel.actions():
        session.actions.add(action)  # type: ignore[arg-type]
    qtbot.addWidget(panel, before_close_func=ExperimentPanel.shut_down)
    panel.open()
    for _ in panel.fill():
        pass
    panel.resize(380, 700)
    panel.show()
    return panel


def turn_wheel(widget: QWidget) -> None:
    """Turn the wheel a notch towards oneself over the middle of a widget."""
    point = QPointF(widget.rect().center())
    at = QPointF(widget.mapToGlobal(point.toPoint()))
    none, down = QPoint(), QPoint(0, -120)
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    wheel = QWheelEvent(point, at, none, down, buttons, keys, phase, False)
    QApplication.sendEvent(widget, wheel)


def find(panel: QWidget, name: str) -> Any:
    widget = panel.findChild(QWidget, name)
    assert widget is not None, f"there is no {name}"
    return widget


def choose(qtbot: QtBot, combo: QComboBox, data: str) -> None:
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def retype(qtbot: QtBot, control: Any, text: str) -> None:
    line = control.lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_every_preset_is_offered_under_its_group(panel: ExperimentPanel) -> None:
    model = find(panel, "preset").model()
    assert isinstance(model, QStandardItemModel)
    rows = [model.item(row) for row in range(model.rowCount())]
    headings = [row.text() for row in rows if row.data(NAME) is None]
    titles = [row.text() for row in rows if row.data(NAME) is not None]
    assert headings == list(dict.fromkeys(preset.group for preset in list_presets()))
    assert sorted(titles) == sorted(preset.title for preset in list_presets())


def test_what_an_extra_is_missing_for_is_greyed_out_with_the_reason(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gymnasium", "mujoco"):
        monkeypatch.setitem(sys.modules, name, None)
    box, picker = SectionBox("task"), PresetPicker()
    qtbot.addWidget(box)
    qtbot.addWidget(picker)
    picker.offer(list_presets())
    combos = [find(box, "task.kind"), find(picker, "preset")]
    for combo, title, other in zip(
        combos,
        ("Half-cheetah", find_preset("cheetah-quick").title),
        ("2D navigation", find_preset("navigation-quick").title),
        strict=True,
    ):
        model = combo.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(combo.findText(title))
        assert not item.isEnabled()
        assert "gymnasium and mujoco are not installed" in item.toolTip()
        assert "pip install 'fewshot-workbench[rl]'" in item.toolTip()
        assert model.item(combo.findText(other)).isEnabled()


def test_choosing_a_preset_fills_the_form_and_shows_its_figure(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    choose(qtbot, find(panel, "preset"), "omniglot-maml-5way-1shot")
    preset = find_preset("omniglot-maml-5way-1shot")
    assert session.config == RunConfig.from_dict(preset.config)
    assert preset.published in find(panel, "preset.about").text()
    assert find(panel, "task.kind").currentData() == "omniglot"
    rate = session.draft["algorithm"]["inner_lr"]
    assert find(panel, "algorithm.inner_lr").lineEdit().text() == f"{rate:g}"


def test_each_field_that_nothing_knows_can_be_left_out_by_name(
    panel: ExperimentPanel, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        'author = "me"\n[task]\nkind = "sinusoid"\n[model]\nkind = "mlp"\n'
        '[algorithm]\nkind = "maml"\n[training]\niteratons = 5\nspeed = 3\n'
    )
    open_path(session, file)
    assert session.config is None
    texts = [label.text() for label in find(panel, "stray").findChildren(QLabel)]
    assert "did you mean training.iterations?" in texts[1]
    assert "training.speed" in find(panel, "experiment.reason").text()
    panel.go_to("training.iteratons")
    button = find(panel, "stray.training.iteratons")
    qtbot.waitUntil(lambda: panel.focusWidget() is button)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "iteratons" not in session.draft["training"]
    assert session.config is None
    qtbot.mouseClick(find(panel, "stray.all"), Qt.MouseButton.LeftButton)
    assert session.config is not None
    assert find(panel, "stray").isHidden()
    session.undo()
    assert drafts.strays(session.draft) == ["author", "training.speed"]
    assert not find(panel, "stray").isHidden()


def test_what_differs_from_the_preset_is_counted_and_can_be_reverted(
    panel: ExperimentPanel, session: Session
) -> None:
    panel.load_preset("sinusoid-quick")
    session.set_field("training.seed", 3)
    about = find(panel, "preset.about")
    assert "1 field changed" in about.text()
    about.linkActivated.emit("revert")
    assert session.draft["training"]["seed"] == 0
    assert "changed" not in about.text()


def test_a_preset_opened_as_a_file_is_shown_as_that_preset(
    panel: ExperimentPanel, session: Session
) -> None:
    open_path(session, resource("presets", "sinusoid-maml.toml"))
    assert session.preset == "sinusoid-maml"
    combo = find(panel, "preset")
    assert combo.currentText() == find_preset("sinusoid-maml").title


def test_a_file_with_a_title_of_its_own_is_shown_by_it(
    panel: ExperimentPanel, session: Session, tmp_path: Path
) -> None:
    assert session.config is not None
    path = tmp_path / "mine.toml"
    text = session.config.to_toml()
    path.write_text(f'[preset]\ntitle = "My waves"\n\n{text}', encoding="utf-8")
    open_path(session, path)
    assert find(panel, "preset").placeholderText() == "My waves"
    path.write_text(text, encoding="utf-8")
    open_path(session, path)
    assert find(panel, "preset").placeholderText() == "mine.toml"


def test_a_learner_chosen_says_what_came_with_it_and_offers_to_undo_it(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    panel.load_preset("sinusoid-quick")
    before = session.draft
    with qtbot.waitSignal(session.notified) as signal:
        choose(qtbot, find(panel, "algorithm.kind"), "reptile")
    notice = signal.args[0]
    assert notice.text.startswith("Settings as in 'Reptile, sinusoids in a minute': ")
    assert "Inner steps 10, " in notice.text
    assert notice.text.endswith(" settings more")
    assert "changed" not in find(panel, "preset.about").text()
    session.actions.trigger(notice.action)
    assert session.draft == before


def test_settings_that_work_are_offered_beside_the_learner_and_taken_at_a_click(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    panel.load_preset("sinusoid-quick")
    button = find(panel, "known")
    assert button.isHidden()
    retype(qtbot, find(panel, "training.meta_lr"), "0.005")
    assert button.isHidden()
    choose(qtbot, find(panel, "algorithm.kind"), "reptile")
    assert button.isVisible()
    assert "Meta learning rate: 0.005 → 1" in button.toolTip()
    assert "Inner batch at test: 5 → all" in button.toolTip()
    rate = find(panel, "training.meta_lr").lineEdit()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert rate.text() == "1"
    assert button.isHidden()
    assert find(panel, "preset").currentText() == "Reptile, sinusoids in a minute"
    session.actions.trigger("edit.undo")
    assert rate.text() == "0.005"
    assert button.isVisible()


@pytest.mark.parametrize("kind", list(kinds("algorithm")))
def test_the_update_rule_of_the_chosen_learner_stands_above_its_fields(
    panel: ExperimentPanel, session: Session, qtbot: QtBot, kind: str
) -> None:
    learner = kinds("algorithm")[kind]
    choose(qtbot, find(panel, "algorithm.kind"), kind)
    card = panel.findChild(LearnerCard)
    assert find(panel, "learner_card.rule").text() == learner.update_rule
    explained = find(panel, "learner_card.symbols").text()
    for symbol, meaning in learner.legend().items():
        assert f"{symbol}\N{NO-BREAK SPACE}{meaning}" in explained
    assert any(learner.order in badge for badge in card.badges())
    assert any(learner.adapts in badge for badge in card.badges())
    assert any(learner.memory in badge for badge in card.badges())
    shown = {
        name
        for name in drafts.defaults_of(learner)
        if name != "kind" and panel.findChild(QWidget, f"algorithm.{name}")
    }
    assert shown == set(learner.model_fields) - {"kind"}


def test_a_field_has_the_letter_of_the_learners_paper(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    def letters() -> list[str]:
        labels = [label.text() for label in panel.findChildren(QLabel)]
        title = "Meta learning rate  "
        return [text.removeprefix(title) for text in labels if text.startswith(title)]

    rate = find(panel, "training.meta_lr")
    said = "It is ε in this learner's paper, and β in most."
    choose(qtbot, find(panel, "algorithm.kind"), "reptile")
    assert letters() == ["<i>ε</i>"]
    assert said in rate.toolTip()
    choose(qtbot, find(panel, "algorithm.kind"), "maml")
    assert letters() == ["<i>β</i>"]
    assert "paper" not in rate.toolTip()


def test_a_mistyped_number_is_shown_beside_its_field_and_mended_by_typing(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    control = find(panel, "training.meta_lr")
    error = find(panel, "training.meta_lr.error")
    retype(qtbot, control, "fast")
    assert error.text() == "'fast' is not a number"
    assert error.isVisible()
    assert session.config is None
    retype(qtbot, control, "0.01")
    assert not error.isVisible()
    assert session.config is not None


def test_a_cross_field_mistake_is_marked_where_it_can_be_mended(
    panel: ExperimentPanel, session: Session
) -> None:
    panel.load_preset("sinusoid-quick")
    session.set_kind("model", "conv4")
    error = find(panel, "section.model.error")
    assert error.isVisible()
    assert "images" in error.text()
    session.set_kind("model", "mlp")
    assert not error.isVisible()


def test_a_field_that_all_splits_ask_to_mend_is_named_once(
    panel: ExperimentPanel, session: Session
) -> None:
    panel.load_preset("glyphs-quick")
    session.set_field("evaluation.queries", None)
    session.set_field("task.shots", 20)
    assert len(session.mistakes) > 1
    assert find(panel, "experiment.reason").text().count(">Queries<") == 1


def test_the_wheel_leaves_a_learner_that_was_just_chosen_as_it_is(
    panel: ExperimentPanel, session: Session
) -> None:
    panel.load_preset("sinusoid-quick")
    combo = find(panel, "algorithm.kind")
    combo.setFocus()
    before = session.draft
    turn_wheel(combo)
    assert session.draft == before


def test_what_only_classes_have_is_asked_for_where_there_are_classes(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    session.load_config(RunConfig.from_dict(find_preset("sinusoid-quick").config))
    qtbot.waitUntil(find(panel, "model.hidden").isVisible)
    assert not find(panel, "model.head").isVisible()
    session.set_field("model.head", "shared")
    qtbot.waitUntil(find(panel, "model.head").isVisible)
    session.undo()
    session.load_config(RunConfig.from_dict(find_preset("glyphs-quick").config))
    qtbot.waitUntil(find(panel, "model.head").isVisible)


def test_the_trust_region_is_asked_for_where_tasks_are_acted_in(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    session.load_config(RunConfig.from_dict(find_preset("navigation-quick").config))
    form = find(panel, "form.training")
    limit, clip = (form.rows[name].editor for name in ("kl_limit", "meta_clip"))
    qtbot.waitUntil(lambda: not limit.isHidden())
    session.load_config(RunConfig.from_dict(find_preset("sinusoid-quick").config))
    qtbot.waitUntil(limit.isHidden)
    assert not clip.isHidden()
    session.set_field("training.kl_limit", 0.5)
    qtbot.waitUntil(lambda: not limit.isHidden())


def test_links_are_written_in_the_colours_of_another_theme(
    panel: ExperimentPanel, session: Session
) -> None:
    panel.load_preset("sinusoid-quick")
    session.set_field("task.shots", 0)
    links = [find(panel, name) for name in ("preset.about", "experiment.reason")]

    def colours() -> list[str]:
        return [link.text().partition('style="color: ')[2][:7] for link in links]

    light = theme.colours()
    assert colours() == [light.accent, light.error]
    theme.choose(theme.Theme.DARK)
    dark = theme.colours()
    assert colours() == [dark.accent, dark.error]
    assert light != dark


def test_the_reason_names_the_field_and_leads_to_it(
    panel: ExperimentPanel, session: Session, qtbot: QtBot, qapp: QApplication
) -> None:
    session.set_field("evaluation.tasks", 1)
    reason = find(panel, "experiment.reason")
    assert "Test tasks" in reason.text()
    control = find(panel, "evaluation.tasks")
    reason.linkActivated.emit("evaluation.tasks")
    qtbot.waitUntil(lambda: not control.visibleRegion().isEmpty())


def test_start_is_disabled_while_the_configuration_is_wrong(
    window: MainWindow, session: Session
) -> None:
    start = find(window, "experiment.start")
    assert isinstance(start, QPushButton)
    assert start.isEnabled()
    session.set_field("training.iterations", -1)
    assert not start.isEnabled()
    assert "at least 1" in start.toolTip()
    session.undo()
    assert start.isEnabled()


def test_undo_and_redo_are_actions_of_the_edit_menu(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    assert not session.actions["edit.undo"].isEnabled()
    retype(qtbot, find(panel, "training.seed"), "42")
    session.actions.trigger("edit.undo")
    assert find(panel, "training.seed").lineEdit().text() == "0"
    session.actions.trigger("edit.redo")
    assert find(panel, "training.seed").lineEdit().text() == "42"


@pytest.mark.parametrize("name", ["training.seed", "model.hidden"])
def test_the_keys_undo_and_redo_what_was_typed_before(
    panel: ExperimentPanel, session: Session, qtbot: QtBot, name: str
) -> None:
    session.set_kind("model", "mlp")
    control = find(panel, name)
    line = control if isinstance(control, QLineEdit) else control.lineEdit()
    before = line.text()
    line.selectAll()
    qtbot.keyClicks(control, "42")
    qtbot.keyClick(control, Qt.Key.Key_Return)
    qtbot.keyClick(control, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == before
    shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(control, Qt.Key.Key_Z, shift)
    assert line.text() == "42"


def test_the_reset_arrow_brings_the_default_back(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    session.set_field("training.meta_batch", 3)
    arrow = find(panel, "training.meta_batch.reset")
    qtbot.mouseClick(arrow, Qt.MouseButton.LeftButton)
    assert session.draft["training"]["meta_batch"] == 16
    assert not arrow.isVisible()


def test_copy_as_command_gives_what_trains_the_same_configuration(
    panel: ExperimentPanel, session: Session
) -> None:
    panel.load_preset("sinusoid-maml")
    session.set_kind("algorithm", "reptile")
    session.set_field("model.hidden", [20, 20, 20])
    session.set_field("training.meta_clip", 10.0)
    session.actions.trigger("edit.copy_command")
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[:3] == ["python", "main.py", "train"]
    base = RunConfig.from_dict(find_preset(words[3]).config)
    overrides = dict(map(parse_override, words[5::2]))
    assert base.replace(overrides) == session.config


def test_a_preset_unchanged_is_a_command_without_overrides(
    panel: ExperimentPanel,
) -> None:
    panel.load_preset("sinusoid-quick")
    assert panel.command() == "python main.py train sinusoid-quick"


@pytest.mark.forecasts
def test_the_forecast_tells_size_and_time(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    panel.load_preset("sinusoid-quick")
    line = find(panel, "forecast")
    assert isinstance(line, QLabel)
    qtbot.waitUntil(lambda: "in all" in line.text(), timeout=60_000)
    assert "1.8k parameters" in line.text()
    assert "a step" in line.text()
    assert "MB" in line.text()


TYPED_IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from workbench.core.base.devices import choose_device, describe
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import RunConfig
from workbench.gui.app.application import make_application
from workbench.gui.app.main_window import MainWindow
from workbench.gui.look import theme
from workbench.gui.measuring import stage
from workbench.gui.shell.background import import_torch
from workbench.gui.shell.session import Session

folder = Path(sys.argv[1])
application = make_application()
theme.start(application, theme.Theme.LIGHT)
import_torch()
session = Session(folder, folder / "runs")
session.load_config(RunConfig.from_dict(find_preset("sinusoid-quick").config))
window = MainWindow(session)
window.show()
window.fill()
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limit = used + 3 * 2**30
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
line = window.findChild(object, "forecast")

for width in (3000, 10000):
    session.set_field("model.hidden", [width] * 4)
    stage.serve_until(lambda: "Too large" in line.text())
    print(line.text())
session.undo()
session.undo()
stage.serve_until(lambda: "a step" in line.text())
window.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits its own address space")
def test_typing_what_is_far_too_large_kills_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TYPED_IN_LITTLE_MEMORY, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    small, large = done.stdout.splitlines()
    assert "would fit" in small
    assert "300M parameters" in large
    assert "A smaller model would fit" in large


@pytest.mark.forecasts
def test_start_asks_before_it_trains_what_cannot_fit(
    qtbot: QtBot,
    window: MainWindow,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def decline() -> None:
        box = window.findChild(QMessageBox, "too_large_question")
        if box is None:
            QTimer.singleShot(10, decline)
            return
        asked.append(box.text())
        qtbot.keyClick(box, Qt.Key.Key_Return)

    monkeypatch.setattr(room, "available_memory", lambda device: 2**30)
    session.load_config(RunConfig.from_dict(find_preset("sinusoid-quick").config))
    session.set_field("model.hidden", [10_000] * 4)
    QTimer.singleShot(10, decline)
    session.actions.trigger("run.start")
    assert "Too large: it needs" in asked[0]
    assert session.run is None
    assert list_runs(session.runs) == []


@pytest.mark.forecasts
def test_a_model_that_cannot_be_reckoned_is_trained_all_the_same(
    window: MainWindow,
    session: Session,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = kinds("model")["mlp"]
    start = model.start

    def start_with_numbers(self: Any, shape: Any, outputs: int, generator: Any) -> Any:
        if generator.device.type == "meta":
            raise NotImplementedError("not without numbers")
        return start(self, shape, outputs, generator)

    monkeypatch.setattr(model, "start", start_with_numbers)
    session.load_config(RunConfig.from_dict(find_preset("sinusoid-quick").config))
    session.set_field("training.iterations", 1)
    session.actions.trigger("run.start")
    run = session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.info().state == "completed", timeout=60_000)
    # Until its thread has ended as well, closing the window would ask.
    qtbot.waitUntil(lambda: not session.run_state)


def test_the_forecast_names_what_was_computed_and_what_was_measured() -> None:
    computed = Forecast(parameters=1761, tensors_mb=1.6)
    assert computed.text() == "1.8k parameters, 1.6 MB of tensors"
    known = KnownPace(Pace(0.5, 1.0), 1.0, 1, 541.0)
    assert "1.6 MB of tensors (541 MB the whole process, as measured before)" in (
        computed._replace(known=known).text()
    )
    on_gpu = computed._replace(known=known, on_gpu=True).text()
    assert "541 MB of tensors, as measured before" in on_gpu
    assert "process" not in on_gpu
    unmeasured = computed._replace(known=known._replace(memory_mb=None)).text()
    assert "process" not in unmeasured


@pytest.mark.forecasts
def test_a_run_of_the_kind_is_remembered_and_nothing_tried_again(
    panel: ExperimentPanel, session: Session, qtbot: QtBot
) -> None:
    panel.load_preset("sinusoid-quick")
    line = find(panel, "forecast")
    qtbot.waitUntil(lambda: "from a trial" in line.toolTip(), timeout=60_000)
    assert session.config is not None
    device, pace = describe(choose_device("auto")), Pace(0.5, 1.0, 0.1)
    remember("earlier", session.config, device, pace, 300.0)
    # The seed has no part in it.
    session.set_field("training.seed", 7)
    qtbot.waitUntil(lambda: "last run" in line.text(), timeout=60_000)
    assert "0.5 s a step, about 88 min in all, as the last run like it" in line.text()
    assert "on this machine" in line.toolTip()
    session.set_field("training.meta_batch", 26)
    qtbot.waitUntil(lambda: "from a trial" in line.toolTip(), timeout=60_000)


@pytest.mark.forecasts
def test_nothing_is_said_to_be_measured_while_a_run_trains(session: Session) -> None:
    forecaster = Forecaster(session.data)
    said: list[Forecast] = []
    forecaster.changed.connect(said.append)
    forecaster._show(Forecast(parameters=1761, note="measuring…"))
    forecaster.set_idle(False)
    assert said[-1].text() == "1.8k parameters"


@pytest.mark.forecasts
def test_a_run_started_before_its_forecast_is_forecast_all_the_same(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    session.load_config(RunConfig.from_dict(find_preset("sinusoid-quick").config))
    session.actions.trigger("run.start")
    line = find(window, "forecast")
    qtbot.waitUntil(lambda: "as the run itself says" in line.text(), timeout=60_000)
    assert line.isVisible()
    assert line.text().startswith("1.8k parameters, ")
    session.set_field("training.meta_lr", 0.002)
    qtbot.waitUntil(lambda: "MB of tensors" in line.text(), timeout=60_000)
    assert "in all" not in line.text()
    session.undo()
    qtbot.waitUntil(lambda: "as the run itself says" in line.text(), timeout=60_000)
    session.actions.trigger("run.stop")
    qtbot.waitUntil(lambda: not session.run_state, timeout=60_000)


@pytest.mark.forecasts
def test_quitting_does_not_wait_for_glyphs_that_a_forecast_draws(
    qtbot: QtBot, session: Session
) -> None:
    forecaster = Forecaster(session.data)
    task = {"kind": "glyphs", "alphabets": 10_000}
    config = {"task": task, "model": {"kind": "conv4"}, "algorithm": {"kind": "maml"}}
    forecaster.set_config(RunConfig.from_dict(config))
    forecaster.wake()
    kept = session.data / "glyphs"
    qtbot.waitUntil(lambda: any(kept.rglob("*")), timeout=60_000)
    # Ten thousand alphabets take the better part of an hour.
    forecaster.shut_down()
    assert not kept.exists()
    forecaster.deleteLater()


@pytest.mark.forecasts
def test_there_is_no_forecast_of_a_wrong_configuration(
    panel: ExperimentPanel, session: Session
) -> None:
    session.set_field("training.iterations", 0)
    assert find(panel, "forecast").text() == ""
