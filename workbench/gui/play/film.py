"""Writes the walks of an adaptation as a film: a GIF that plays for ever."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from workbench.core.base.files import write_atomically
from workbench.gui.look import preferences
from workbench.gui.look.colours import PlotColours, colours
from workbench.gui.look.save_file import ask_save_file
from workbench.gui.play.scene import Moment, Scene, paint_scene
from workbench.gui.play.timeline import FRAME_MS, FRAMES, REST, moment_at
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt

SIDE = 360
"""How wide and high a plane is in a film, in pixels."""

_GAP = 8
_EVERY = 2
_LAST_MS = 2000
_COLOURS = 128


class Cut(NamedTuple):
    """A moment of a film, and for how many milliseconds it is seen."""

    moment: Moment
    duration: int


class Films(QObject):
    """Asks where a film shall be, and writes it in a thread.

    Signals:
        saved(Path): a film was written.
        failed(str): why it was not.
    """

    saved = Signal(object)
    failed = Signal(str)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)

    def ask_to_save(
        self, scenes: Sequence[Scene], words: Sequence[Sequence[str]]
    ) -> None:
        """Ask for a file and write a film of these planes, side by side."""
        proposal = preferences.export_folder() / "adaptation.gif"
        path = ask_save_file(
            self._host, "Export the walks", proposal, "GIF (*.gif)", ".gif"
        )
        if path is not None:
            self.save(path, scenes, words)

    def save(
        self, path: Path, scenes: Sequence[Scene], words: Sequence[Sequence[str]]
    ) -> None:
        """Write a film; ``words`` are those of each plane by update."""
        shown = colours()

        def write() -> JobOutcome:
            return attempt(path, lambda: _write(path, scenes, words, shown))

        self._background.submit("film", write)

    def shut_down(self) -> None:
        """Let the film being written end, and wait."""
        self._background.shut_down()

    def _on_background_done(self, _key: str, outcome: JobOutcome) -> None:
        if outcome.error:
            self.failed.emit(f"The film could not be written: {outcome.error}")
            return
        preferences.remember_export_folder(outcome.request.parent)
        self.saved.emit(outcome.request)


def cuts(updates: int) -> list[Cut]:
    """Return the moments of a film: every second of what Play shows."""
    made = []
    for frame in range(_EVERY, (updates + 1) * FRAMES + 1, _EVERY):
        is_end = frame % FRAMES == 0
        rest = REST * FRAME_MS if is_end else 0
        made.append(Cut(moment_at(frame), _EVERY * FRAME_MS + rest))
    return [*made[:-1], made[-1]._replace(duration=_LAST_MS)]


def _write(
    path: Path,
    scenes: Sequence[Scene],
    words: Sequence[Sequence[str]],
    shown: PlotColours,
) -> None:
    from PIL import Image

    updates = max(0 if scene.walks is None else scene.walks.steps for scene in scenes)
    film = cuts(updates)
    pictures = []
    for cut in film:
        picture = _painted(scenes, words, cut.moment, shown)
        rgb = picture.convertToFormat(QImage.Format.Format_RGBX8888)
        size = rgb.width(), rgb.height()
        whole = Image.frombytes("RGB", size, bytes(rgb.constBits()), "raw", "RGBX")
        pictures.append(whole)
    # All in the colours of the last, where there is all that is drawn.
    palette = pictures[-1].quantize(_COLOURS)
    pictures = [
        each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures
    ]
    written = io.BytesIO()
    pictures[0].save(
        written,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[cut.duration for cut in film],
        loop=0,
    )
    write_atomically(path.resolve(), written.getvalue())


def _painted(
    scenes: Sequence[Scene],
    words: Sequence[Sequence[str]],
    moment: Moment,
    shown: PlotColours,
) -> QImage:
    width = len(scenes) * (SIDE + _GAP) - _GAP
    picture = QImage(width, SIDE, QImage.Format.Format_RGB32)
    picture.fill(shown.text)
    painter = QPainter(picture)
    for number, (scene, said) in enumerate(zip(scenes, words, strict=True)):
        area = QRectF(number * (SIDE + _GAP), 0, SIDE, SIDE)
        now = scene._replace(
            moment=moment, words=said[min(moment.update, len(said) - 1)]
        )
        paint_scene(painter, area, now, shown, shown.run(number))
    painter.end()
    return picture
