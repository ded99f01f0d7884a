"""Data sets through the window: listed, imported, fetched, and hostile ones refused."""

from __future__ import annotations

import hashlib
import io
import pickle
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
)
from pytestqt.qtbot import QtBot

from tests.made_data import configuration, made_omniglot
from workbench.core.episodes.shown_episode import Address, EpisodeSource
from workbench.core.pictures.datasets import DataState, data_set
from workbench.core.pictures.downloads import RemoteFile
from workbench.core.pictures.store import open_pictures
from workbench.gui.app.main_window import MainWindow
from workbench.gui.data.data_panel import DataPanel
from workbench.gui.data.data_sets_view import DataSetsView, news
from workbench.gui.data.import_dialog import ImportDialog
from workbench.gui.shell.session import Notice
from workbench.tasks import omniglot as omniglot_module
from workbench.tasks.image_folder import ImportOptions

Opener = Callable[..., DataPanel]


def png(seed: int = 0, side: int = 40) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def picture_folder(path: Path, classes: tuple[str, ...] = ("a", "b", "c", "d")) -> Path:
    for number, name in enumerate(classes):
        (path / name).mkdir(parents=True)
        for each in range(6):
            (path / name / f"{each}.png").write_bytes(png(10 * number + each))
    return path


def drop(window: MainWindow, *paths: Path, proposed: str = "CopyAction") -> QDropEvent:
    """Drop paths on the window, as a file manager does."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.setDropAction(Qt.DropAction[proposed])
    window.dropEvent(event)
    return event


def accept(qtbot: QtBot, host: Any, kind: str, name: str = "") -> None:
    """Choose what to import as in the dialog that is open, and press Import."""
    dialog = host.findChild(ImportDialog)
    dialog.kind.setCurrentText(kind)
    if name:
        field = dialog.findChild(QLineEdit, "import.name")
        field.setText(name)
        field.textEdited.emit(name)
        field.editingFinished.emit()
    button = dialog.findChild(QAbstractButton, "import.accept")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def listed(view: DataSetsView) -> dict[str, DataState]:
    return {each.data_set.name: each.report.state for each in view.list.listed}


def show_sets(qtbot: QtBot, panel: DataPanel) -> DataSetsView:
    panel.show_page("Data sets")
    qtbot.waitUntil(lambda: bool(panel.data_sets.list.listed), timeout=30_000)
    return panel.data_sets


def finished(qtbot: QtBot, view: DataSetsView) -> None:
    qtbot.waitUntil(lambda: view.transfer is None, timeout=60_000)


def test_every_data_set_is_listed_with_state_classes_splits_and_licence(
    qtbot: QtBot, omniglot: Path, open_panel: Opener
) -> None:
    view = show_sets(qtbot, open_panel(omniglot))
    states = listed(view)
    assert states["omniglot"] is DataState.READY
    assert states["mini-imagenet"] is DataState.MISSING
    assert view.chosen.data_set.name == "omniglot"
    texts = {name: label.text() for name, label in view.details.texts.items()}
    assert "1,623 classes in 50 groups, 32,460 pictures" in texts["classes"]
    assert "vinyals" in texts["splits"]
    assert texts["licence"].startswith("MIT")
    row = view.list.currentItem()
    shown = [row.text(column) for column in range(view.list.columnCount())]
    assert shown[:4] == ["Omniglot", "ready", "1,623", "32,460"]
    assert "vinyals" in shown[5]
    assert shown[6].startswith("MIT")
    view.choose("mini-imagenet")
    assert not view.findChild(QAbstractButton, "data_sets.browse").isEnabled()
    fetch = view.findChild(QAbstractButton, "data_sets.fetch")
    assert not fetch.isEnabled()
    assert "import" in fetch.toolTip()


def test_a_folder_dropped_on_the_window_becomes_a_data_set(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    panel = window.panel("Data")
    folder = picture_folder(tmp_path / "mine", ("حروف", "🙂 emoji", "c", "d"))
    (folder / "c" / "broken.png").write_bytes(b"no picture")
    said: list[str] = []
    panel.data_sets.said.connect(lambda text, _: said.append(text))
    drop(window, folder)
    assert panel.isVisible()
    accept(qtbot, window, "Own pictures", "Birds")
    view = panel.data_sets
    finished(qtbot, view)
    qtbot.waitUntil(lambda: "pictures/Birds" in listed(view), timeout=30_000)
    assert view.chosen.data_set.name == "pictures/Birds"
    left_out = view.findChild(QLabel, "data_sets.left_out").text()
    assert "broken.png" in left_out
    assert said == ["Birds: 4 classes are here; 1 file or class left out, listed below"]
    splits = view.findChild(QLabel, "data_sets.splits").text()
    assert splits == view.list.currentItem().text(5)
    assert splits.startswith("3 / 1 / 0 classes, by ratio: too few to train on")
    stored = open_pictures(window.session.data / "pictures" / "Birds")
    assert set(stored.index.names) == {"حروف", "🙂 emoji", "c", "d"}
    browse = view.findChild(QAbstractButton, "data_sets.browse")
    qtbot.mouseClick(browse, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.classes.table is not None, timeout=30_000)
    assert "🙂 emoji" in panel.classes.table.names


def visible(qtbot: QtBot, window: MainWindow, kind: type, name: str) -> Any:
    """Return the one widget of that name that is shown, as soon as it is."""

    def shown() -> list[Any]:
        return [each for each in window.findChildren(kind, name) if each.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    return shown()[0]


def use_in_experiment(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    """Import a folder as Birds, and press Use in experiment."""
    drop(window, folder)
    use_as_birds(qtbot, window)


def use_as_birds(qtbot: QtBot, window: MainWindow) -> DataSetsView:
    """Import what was dropped as Birds, and press Use in experiment."""
    accept(qtbot, window, "Own pictures", "Birds")
    view = window.panel("Data").data_sets
    finished(qtbot, view)
    qtbot.waitUntil(lambda: "pictures/Birds" in listed(view), timeout=30_000)
    view.choose("pictures/Birds")
    use = view.findChild(QAbstractButton, "data_sets.use")
    qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    return view


def test_use_in_experiment_asks_for_what_the_pictures_can_give(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    session = window.session
    before = session.draft
    told: list[Notice] = []
    session.notified.connect(told.append)
    use_in_experiment(qtbot, window, picture_folder(tmp_path / "mine", tuple("abcdef")))
    task = session.draft["task"]
    assert (task["kind"], task["dataset"]) == ("pictures", "Birds")
    assert (task["ways"], task["shots"], task["queries"]) == (2, 1, 5)
    assert told[-1].text.endswith(
        "with ways 5 → 2, queries 15 → 5: a split has no more classes and a class has "
        "no more pictures"
    )
    assert session.config is not None
    assert session.actions["run.start"].isEnabled()
    for split in ("train", "validation", "test"):
        EpisodeSource(session.data).episode(session.config, Address(split))
    session.undo()
    assert session.draft == before


def test_asking_for_more_than_the_pictures_give_cannot_be_started(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    session = window.session
    use_in_experiment(qtbot, window, picture_folder(tmp_path / "mine", tuple("abcdef")))
    start = session.actions["run.start"]
    queries = visible(qtbot, window, QAbstractSpinBox, "task.queries").lineEdit()
    queries.selectAll()
    qtbot.keyClicks(queries, "6")
    assert not start.isEnabled()
    assert "1 shots + 6 queries = 7" in start.toolTip()
    error = visible(qtbot, window, QLabel, "task.queries.error")
    assert "no class of Birds has more than 6 pictures" in error.text()
    queries.selectAll()
    qtbot.keyClicks(queries, "5")
    assert start.isEnabled()


def test_too_few_classes_are_said_and_cannot_be_started_until_there_are_more(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    session = window.session
    told: list[Notice] = []
    session.notified.connect(told.append)
    use_in_experiment(qtbot, window, picture_folder(tmp_path / "few"))
    assert "too few classes" in told[-1].text
    assert not session.actions["run.start"].isEnabled()
    view = window.panel("Data").data_sets
    qtbot.waitUntil(lambda: window.findChild(ImportDialog) is None)
    drop(window, picture_folder(tmp_path / "more", tuple("abcdefghijklmnop")))
    accept(qtbot, window, "Own pictures", "Birds")
    finished(qtbot, view)
    session.apply_overrides({"task.ways": 2, "task.queries": 5})
    assert session.actions["run.start"].isEnabled()


def test_the_split_is_chosen_at_the_import_and_taken_by_the_task(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = picture_folder(tmp_path / "mine" / "train", tuple("abcdefgh"))
    picture_folder(tmp_path / "mine" / "test", tuple("ijkl"))
    drop(window, folder.parent)
    dialog = window.findChild(ImportDialog)
    assert {"size", "colour", "inverted", "split", "train_share", "split_seed"} <= set(
        dialog.form.rows
    )
    split = dialog.findChild(QComboBox, "import.split")
    split.setCurrentText("by ratio")
    split.activated.emit(split.currentIndex())
    for name, text in (("train_share", "0.5"), ("split_seed", "3")):
        line = dialog.findChild(QAbstractSpinBox, f"import.{name}").lineEdit()
        line.selectAll()
        qtbot.keyClicks(line, text)
    view = use_as_birds(qtbot, window)
    assert "split by ratio, 0.5 / 0.16 / 0.34" in view.details.texts["message"].text()
    task = window.session.draft["task"]
    assert (task["split"], task["train_share"], task["split_seed"]) == (
        "by ratio",
        0.5,
        3,
    )


def accept_as(qtbot: QtBot, view: DataSetsView, path: Path, name: str) -> None:
    """Import a path under a name in the dialog that asks for it."""
    qtbot.waitUntil(
        lambda: [d.path for d in view.findChildren(ImportDialog)] == [path],
        timeout=30_000,
    )
    accept(qtbot, view, "Own pictures", name)


def test_several_dropped_at_once_are_imported_in_turn(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    view = window.panel("Data").data_sets
    folders = [picture_folder(tmp_path / name) for name in ("one", "two", "three")]
    drop(window, *folders)
    accept_as(qtbot, view, folders[0], "First")
    accept_as(qtbot, view, folders[1], "Second")
    qtbot.waitUntil(lambda: not view.is_busy, timeout=30_000)
    accept_as(qtbot, view, folders[2], "Second")
    finished(qtbot, view)
    qtbot.waitUntil(lambda: "pictures/Second" in listed(view), timeout=30_000)
    assert listed(view)["pictures/First"] is DataState.READY


def test_the_next_one_dropped_is_asked_for_when_one_is_declined(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    view = window.panel("Data").data_sets
    folders = [picture_folder(tmp_path / name) for name in ("one", "two")]
    drop(window, *folders)
    view.findChild(ImportDialog).reject()
    accept_as(qtbot, view, folders[1], "Second")
    finished(qtbot, view)
    assert (window.session.data / "pictures" / "Second").is_dir()


def test_what_is_dropped_during_an_import_waits_and_says_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    view = window.panel("Data").data_sets
    said: list[str] = []
    view.said.connect(lambda text, _: said.append(text))
    folders = [picture_folder(tmp_path / name) for name in ("one", "two")]
    drop(window, folders[0])
    accept_as(qtbot, view, folders[0], "First")
    assert view.is_busy
    drop(window, folders[1])
    assert said == ["two waits until Own pictures is done."]
    accept_as(qtbot, view, folders[1], "Second")
    finished(qtbot, view)
    assert (window.session.data / "pictures" / "Second").is_dir()


def test_a_drop_is_a_copy_even_where_a_move_was_proposed(
    window: MainWindow, tmp_path: Path
) -> None:
    event = drop(window, picture_folder(tmp_path / "mine"), proposed="MoveAction")
    assert event.isAccepted()
    assert event.dropAction() is Qt.DropAction.CopyAction
    window.findChild(ImportDialog).reject()


def test_starting_without_the_data_leads_to_the_data_sets_and_makes_no_run(
    qtbot: QtBot, window: MainWindow
) -> None:
    session, panel = window.session, window.panel("Data")
    told: list[Notice] = []
    session.notified.connect(told.append)
    session.load_config(configuration("omniglot"))
    session.actions.trigger("run.start")
    assert told[-1].text.startswith("Omniglot is not here: images_background.zip and")
    assert "(data" not in told[-1].text
    assert not list(session.runs.glob("*"))
    view = show_sets(qtbot, panel)
    window.show_panel("Training")
    view.choose("mini-imagenet")
    button = window.findChild(QAbstractButton, "toast.action")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert view.isVisible()
    assert view.chosen.data_set.name == "omniglot"


@pytest.mark.forecasts
def test_the_forecast_is_made_anew_when_the_data_have_come(
    qtbot: QtBot, window: MainWindow
) -> None:
    session = window.session
    session.load_config(configuration("omniglot"))
    line = window.findChild(QLabel, "forecast")
    qtbot.waitUntil(lambda: "missing" in line.text(), timeout=60_000)
    assert "(data" not in line.text()
    made_omniglot(session.data)
    window.panel("Data").data_sets.changed.emit()
    assert "missing" not in line.text()
    qtbot.waitUntil(lambda: " in all" in line.text(), timeout=60_000)


def test_what_came_only_in_part_is_said_to_be_partly_there(tmp_path: Path) -> None:
    (tmp_path / "images_background.zip").write_bytes(b"the first of two")
    text, kind = news("Omniglot", data_set("omniglot", tmp_path).report(tmp_path))
    assert text.startswith("Omniglot is partly there: images_background.zip and image")
    assert "(data" not in text
    assert kind == "warning"


def test_a_cancelled_import_leaves_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    view = window.panel("Data").data_sets
    drop(window, picture_folder(tmp_path / "mine", tuple("abcdefghij")))
    accept(qtbot, window, "Own pictures", "Birds")
    cancel = view.findChild(QAbstractButton, "data_sets.cancel")
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    finished(qtbot, view)
    assert not (window.session.data / "pictures").exists()


def truncated_zip(path: Path) -> Path:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("images_background/Greek/character01/0001_01.png", png())
    path.write_bytes(whole.getvalue()[:-40])
    return path


def zip_leading_out(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../images_background/evil.png", png())
    return path


def zip_bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images_background/a.png", bytes(70 * 2**20))
    return path


def wrong_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images_background/readme.txt", "nothing here")
    return path


class _Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("payload-ran"),))


def pickle_with_payload(path: Path) -> Path:
    for split in ("train", "val", "test"):
        file = path.with_name(f"mini-imagenet-cache-{split}.pkl")
        file.write_bytes(pickle.dumps({"image_data": _Payload(), "class_dict": {}}))
    return file


def empty_folder(path: Path) -> Path:
    folder = path.with_suffix("")
    folder.mkdir()
    return folder


def one_picture_class(path: Path) -> Path:
    folder = path.with_suffix("")
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        (folder / name / "only.png").write_bytes(png())
    return folder


def no_pictures(path: Path) -> Path:
    folder = path.with_suffix("")
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for each in range(3):
            (folder / name / f"{each}.png").write_bytes(b"not a picture")
    return folder


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (truncated_zip, "Omniglot", "is no whole zip"),
        (zip_leading_out, "Omniglot", "leads out of the zip"),
        (zip_bomb, "Omniglot", "accepted"),
        (wrong_zip, "Omniglot", "holds nothing of Omniglot"),
        (pickle_with_payload, "mini-ImageNet", "refused"),
        (empty_folder, "Own pictures", "has 0 classes that can be used"),
        (one_picture_class, "Own pictures", "class a: it has 1 picture"),
        (no_pictures, "Own pictures", "is no picture that can be read"),
    ],
)
def test_hostile_input_gets_its_message_and_changes_nothing(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], Path],
    kind: str,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    data = made_omniglot(window.session.data)
    panel = window.panel("Data")
    failed: list[tuple[str, str]] = []
    panel.data_sets.failed.connect(lambda *said: failed.append(said))
    before = sorted(
        (path, path.stat().st_size) for path in (data / "omniglot").rglob("*")
    )
    drop(window, make(tmp_path / "hostile.zip"))
    accept(qtbot, window, kind)
    finished(qtbot, panel.data_sets)
    assert failed[0][0] == f"{kind} could not be imported."
    assert says in failed[0][1]
    assert (
        sorted((path, path.stat().st_size) for path in (data / "omniglot").rglob("*"))
        == before
    )
    assert open_pictures(data / "omniglot") is not None
    assert not Path("payload-ran").exists()
    qtbot.waitUntil(
        lambda: listed(panel.data_sets).get("omniglot") is DataState.READY,
        timeout=30_000,
    )
    for dialog in window.findChildren(QDialog):
        dialog.close()
    assert window.isVisible()


def test_cancelling_the_dialog_imports_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop(window, picture_folder(tmp_path / "mine"))
    window.findChild(ImportDialog).reject()
    assert window.panel("Data").data_sets.transfer is None
    assert not (window.session.data / "pictures").exists()


def test_a_name_that_cannot_be_is_told_before_anything_is_read(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop(window, picture_folder(tmp_path / "mine.1"))
    dialog = window.findChild(ImportDialog)
    field = dialog.findChild(QLineEdit, "import.name")
    button = dialog.findChild(QAbstractButton, "import.accept")
    assert field.placeholderText() == "mine.1"
    field.clear()
    qtbot.keyClicks(field, "a/b")
    assert not button.isEnabled()
    assert dialog.form is not None
    assert "cannot be the name" in dialog.form.rows["name"].error.text()
    field.clear()
    qtbot.keyClicks(field, "ab")
    assert button.isEnabled()
    dialog.reject()


def test_what_an_import_replaces_is_said_before_it_is(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    view = window.panel("Data").data_sets
    drop(window, picture_folder(tmp_path / "mine"))
    assert window.findChild(QLabel, "import.replaces").isHidden()
    accept(qtbot, window, "Own pictures")
    finished(qtbot, view)
    qtbot.waitUntil(lambda: "pictures/mine" in listed(view), timeout=30_000)
    qtbot.waitUntil(lambda: window.findChild(ImportDialog) is None)
    drop(window, tmp_path / "mine")
    dialog = window.findChild(ImportDialog)
    note = dialog.findChild(QLabel, "import.replaces")
    button = dialog.findChild(QAbstractButton, "import.accept")
    assert note.text() == (
        "mine is here already: 4 classes, 24 pictures. It is replaced."
    )
    assert (note.isHidden(), button.text()) == (False, "Replace")
    dialog._on_form_edited("import.name", "Another", False)
    assert (note.isHidden(), button.text()) == (True, "Import")
    dialog.reject()


def test_wrong_options_cannot_be_accepted(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    drop(window, picture_folder(tmp_path / "mine"))
    dialog = window.findChild(ImportDialog)
    assert dialog.data_set.name == "pictures"
    dialog._on_form_edited("import.size", 4, False)
    assert not dialog.findChild(QAbstractButton, "import.accept").isEnabled()
    dialog._on_form_edited("import.size", 32, False)
    assert dialog.findChild(QAbstractButton, "import.accept").isEnabled()
    assert dialog.options.size == 32
    dialog.reject()


CONTENT = bytes(range(256)) * 8192  # two megabytes
FIRST_PART = 5 * 64 * 1024


class Server(ThreadingHTTPServer):
    """Serves CONTENT; the first time only a part, until ``go_on`` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges: list[str | None] = []
        self.go_on = threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        start = int(asked[len("bytes=") : -1]) if asked else 0
        self.send_response(206 if start else 200)
        if start:
            last = len(CONTENT) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        if start == 0:
            self.wfile.write(CONTENT[:FIRST_PART])
            self.wfile.flush()
            self.server.go_on.wait(30)
            start = FIRST_PART
        try:
            self.wfile.write(CONTENT[start:])
        except OSError:
            return


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(
            target=running.serve_forever, kwargs={"poll_interval": 0.01}
        )
        thread.start()
        url = f"http://127.0.0.1:{running.server_address[1]}/zip"
        checksum = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
        file = RemoteFile("images_background.zip", (url,), checksum)
        monkeypatch.setattr(omniglot_module, "FILES", {"images_background": file})
        yield running
        running.go_on.set()
        running.shutdown()
        thread.join()


def test_fetching_shows_progress_and_resumes_after_a_cancel(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener, server: Server
) -> None:
    view = show_sets(qtbot, open_panel(tmp_path / "data"))
    said: list[str] = []
    failed: list[str] = []
    view.said.connect(lambda text, _: said.append(text))
    view.failed.connect(lambda _, text: failed.append(text))
    view.choose("omniglot")
    fetch = view.findChild(QAbstractButton, "data_sets.fetch")
    assert fetch.text() == "Fetch"
    qtbot.mouseClick(fetch, Qt.MouseButton.LeftButton)
    stage = view.findChild(QLabel, "data_sets.stage")
    qtbot.waitUntil(lambda: "0.3 of 2.1 MB" in stage.text(), timeout=30_000)
    assert view.progress.isVisible()
    assert not fetch.isEnabled()
    cancel = view.findChild(QAbstractButton, "data_sets.cancel")
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    server.go_on.set()
    finished(qtbot, view)
    assert said == ["Omniglot: stopped; what was there is unchanged."]
    qtbot.waitUntil(lambda: listed(view)["omniglot"] is DataState.PARTLY)
    qtbot.waitUntil(lambda: fetch.text() == "Resume fetching")
    qtbot.mouseClick(fetch, Qt.MouseButton.LeftButton)
    finished(qtbot, view)
    assert server.ranges[1].startswith("bytes=")
    assert server.ranges[1] != "bytes=0-"
    assert "no whole zip" in failed[0]  # what was served is no zip, and it is said


def test_a_download_that_fails_says_what_to_do_without_a_network(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RemoteFile("images_background.zip", ("http://127.0.0.1:1/zip",), "md5:0")
    monkeypatch.setattr(omniglot_module, "FILES", {"images_background": file})
    view = show_sets(qtbot, open_panel(tmp_path / "data"))
    failed: list[tuple[str, str]] = []
    view.failed.connect(lambda *said: failed.append(said))
    view.choose("omniglot")
    view.fetch()
    finished(qtbot, view)
    assert failed[0][0] == "Omniglot could not be fetched."
    assert "Without a network" in failed[0][1]
    assert not list((tmp_path / "data").rglob("*.part"))


def test_the_data_set_chosen_stays_in_sight_when_there_is_less_room(
    qtbot: QtBot, tmp_path: Path, open_panel: Opener
) -> None:
    panel = open_panel(tmp_path / "data", "sinusoid")
    view = show_sets(qtbot, panel)
    view.list.setCurrentItem(view.list.topLevelItem(len(view.list.listed) - 1))

    def is_in_sight() -> bool:
        row = view.list.visualItemRect(view.list.currentItem())
        return view.list.viewport().rect().contains(row)

    assert is_in_sight()
    tall = view.list.height()
    panel.resize(panel.width(), panel.minimumSizeHint().height())
    qtbot.waitUntil(lambda: view.list.height() < tall)
    assert view.list.verticalScrollBar().maximum() > 0
    qtbot.waitUntil(is_in_sight)


def test_what_can_be_imported_is_offered_before_the_list_is_read_too(
    qtbot: QtBot, tmp_path: Path
) -> None:
    data, folder = tmp_path / "data", picture_folder(tmp_path / "mine", tuple("abcd"))
    pictures = data_set("pictures", data)
    pictures.import_from(data, folder, ImportOptions(name="Birds"))
    view = DataSetsView(data)
    qtbot.addWidget(view)
    offers = []
    for _ in range(2):
        view.offer_import(folder)
        kind = view.findChild(ImportDialog).kind
        offers.append([kind.itemText(index) for index in range(kind.count())])
        view.findChild(ImportDialog).reject()
        qtbot.waitUntil(lambda: view.findChild(ImportDialog) is None)
        view.refresh()
        qtbot.waitUntil(lambda: "pictures/Birds" in listed(view), timeout=30_000)
    view.shut_down()
    assert offers[0] == offers[1]
    assert {"Omniglot", "Own pictures"} < {*offers[0]}
    assert not {"Glyphs", "Birds"} & {*offers[0]}
