"""Opens, saves and exports sketches, and brings pictures in from outside."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from workbench.core.base.errors import DataError
from workbench.core.sketch.alphabets import keep_alphabet, write_pictures
from workbench.core.sketch.pictures import MOST_BYTES, ImportedPicture, import_picture
from workbench.core.sketch.session import Sketch, load, save
from workbench.gui.look import preferences
from workbench.gui.look.save_file import ask_save_file
from workbench.gui.shell.wording import sentence

_ENDING = ".sketch.json"
_FILTER = "Sketch sessions (*.json);;All files (*)"


class Keeping(QObject):
    """Does everything with files and the clipboard.

    Signals:
        opened(str, Sketch): a session was read from a file of this name.
        notified(str, str): news, and its kind as toasts have it.
        failed(str): what went wrong, in a sentence.
    """

    opened = Signal(str, object)
    notified = Signal(str, str)
    failed = Signal(str)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._file = Path.home() / f"drawn{_ENDING}"

    def ask_to_open(self) -> None:
        """Ask for a session's file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._host, "Open sketch", str(self._file.parent), _FILTER
        )
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path) -> None:
        """Open a session."""
        try:
            sketch = load(path)
        except DataError as error:
            self.failed.emit(sentence(error))
            return
        self._file = path
        preferences.remember_recent(path)
        self.opened.emit(
            path.name.removesuffix(".json").removesuffix(".sketch"), sketch
        )
        self.notified.emit(f"Opened {path.name}", "good")

    def ask_to_save(self, sketch: Sketch) -> None:
        """Ask for a file and save the session to it."""
        path = ask_save_file(self._host, "Save sketch", self._file, _FILTER, _ENDING)
        if path is not None:
            self.save_file(sketch, path)

    def save_file(self, sketch: Sketch, path: Path) -> None:
        """Save a session."""
        try:
            save(sketch, path)
        except DataError as error:
            self.failed.emit(sentence(error))
            return
        self._file = path
        self.notified.emit(f"Saved {path.name}", "good")

    def ask_to_export_pictures(self, sketch: Sketch) -> None:
        """Ask for a folder and write every drawing into it."""
        chosen = QFileDialog.getExistingDirectory(
            self._host, "Export drawings to a folder", str(self._file.parent)
        )
        if chosen:
            self.export_pictures(sketch, Path(chosen))

    def export_pictures(self, sketch: Sketch, folder: Path) -> None:
        """Write every drawing as a PNG."""
        try:
            count = write_pictures(sketch, folder)
        except DataError as error:
            self.failed.emit(sentence(error))
            return
        self.notified.emit(f"Exported {count} drawings to {folder.name}", "good")

    def ask_to_export_alphabet(self, sketch: Sketch, data: Path) -> None:
        """Ask what the alphabet and its drawer are called, and keep it."""
        dialog = AlphabetDialog(sketch, self._host)
        dialog.accepted.connect(
            lambda: self.export_alphabet(sketch, data, dialog.alphabet, dialog.drawer)
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_alphabet(
        self, sketch: Sketch, data: Path, alphabet: str, drawer: str
    ) -> None:
        """Keep the session as one drawer's part of an alphabet."""
        try:
            path = keep_alphabet(sketch, data, alphabet, drawer)
        except DataError as error:
            self.failed.emit(sentence(error))
            return
        self.notified.emit(
            f"{path.parent.name} is kept with the data sets, as Sketches", "good"
        )

    def copy_image(self, image: QImage) -> None:
        """Put an image on the clipboard."""
        QGuiApplication.clipboard().setImage(image)
        self.notified.emit("The episode is on the clipboard, as an image", "good")

    def read_picture(self, mime: QMimeData | None) -> ImportedPicture | None:
        """Return the picture that was dropped, or is on the clipboard (None)."""
        mime = QGuiApplication.clipboard().mimeData() if mime is None else mime
        try:
            found = import_picture(*_content(mime))
        except DataError as error:
            self.failed.emit(sentence(error))
            return None
        if found.remark:
            self.notified.emit(found.remark, "info")
        return found


class AlphabetDialog(QDialog):
    """Asks for the names of an alphabet and of who drew it."""

    def __init__(self, sketch: Sketch, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export as an alphabet")
        self._alphabet = QLineEdit("My alphabet")
        self._alphabet.setMaxLength(60)
        self._drawer = QLineEdit(sketch.drawer or "drawer 1")
        self._drawer.setMaxLength(60)
        about = QLabel(
            "The drawings become a data set for the Data tab and for training. Export "
            "the same alphabet under another drawer's name to add that hand to it."
        )
        about.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._export = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._export.setText("Export")
        form = QFormLayout(self)
        form.addRow(about)
        form.addRow("Alphabet", self._alphabet)
        form.addRow("Drawer", self._drawer)
        form.addRow(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        for field in (self._alphabet, self._drawer):
            field.textChanged.connect(self._on_field_text_changed)

    @property
    def alphabet(self) -> str:
        """The alphabet's name."""
        return self._alphabet.text().strip()

    @property
    def drawer(self) -> str:
        """The drawer's name."""
        return self._drawer.text().strip()

    def _on_field_text_changed(self, _text: str) -> None:
        self._export.setEnabled(bool(self.alphabet and self.drawer))


def _content(mime: QMimeData) -> tuple[bytes, str]:
    """Return the bytes of the first picture there is, and what to call it."""
    for url in mime.urls():
        if url.isLocalFile():
            path = Path(url.toLocalFile())
            try:
                if path.stat().st_size > MOST_BYTES:
                    raise DataError(f"{path.name} is too large: at most 40 MB.")
                return path.read_bytes(), path.name
            except OSError as error:
                raise DataError(
                    f"Cannot read {path.name}: {error.strerror}."
                ) from error
    image = QImage(mime.imageData()) if mime.hasImage() else QImage()
    if image.isNull():
        raise DataError("There is no picture on the clipboard.")
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # as it is run
    return bytes(buffer.data().data()), "The picture"
