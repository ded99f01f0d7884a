"""Writes what is played as a film: a GIF that plays for ever, or an MP4 video."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from workbench.core.base.files import write_atomically
from workbench.gui.look import preferences
from workbench.gui.look.colours import colours
from workbench.gui.look.save_file import ask_save_file
from workbench.gui.play import video
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt

if TYPE_CHECKING:
    from PIL import Image

GAP = 8
"""Between two runs side by side, in pixels."""

EVERY = 2
"""Of so many pictures that are played, one is in a film."""

LAST_MS = 2000
"""For how long the last picture stays."""

_COLOURS = 128
_STRIP, _MARGIN = 26, 8
"""How high a run's title is above it, and how far from its edges, in pixels."""


class Reel(NamedTuple):
    """The pictures of a film: how large, for how long each, and what paints one.

    ``paint`` is called in another thread, for one picture after the other.
    """

    size: QSize
    milliseconds: Sequence[int]
    ground: QColor
    paint: Callable[[QPainter, int], None]


def titled(reel: Reel, titles: Sequence[str]) -> Reel:
    """Return a film of runs side by side with the title of each above it."""
    shown, runs = colours(), len(titles)
    if runs < 2:
        return reel
    wide = (reel.size.width() + GAP) // runs

    def paint(painter: QPainter, number: int) -> None:
        for row, title in enumerate(titles):
            area = QRectF(row * wide, 0, wide - GAP, _STRIP)
            painter.fillRect(area, shown.background)
            painter.setPen(shown.run(row))
            inside = area.adjusted(_MARGIN, 0, -_MARGIN, 0)
            text = painter.fontMetrics().elidedText(
                title, Qt.TextElideMode.ElideMiddle, int(inside.width())
            )
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, text)
        painter.translate(0, _STRIP)
        reel.paint(painter, number)

    return reel._replace(size=reel.size + QSize(0, _STRIP), paint=paint)


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

    def ask_to_save(self, reel: Reel) -> None:
        """Ask for a file and write a film to it."""
        proposal = preferences.export_folder() / "adaptation.gif"
        kinds = {".gif": "GIF (*.gif)"}
        if video.can_make_videos():
            kinds[video.ENDING] = "MP4 video (*.mp4)"
        offered = ";;".join(kinds.values())
        path = ask_save_file(self._host, "Export the film", proposal, offered, *kinds)
        if path is not None:
            self.save(path, reel)

    def save(self, path: Path, reel: Reel) -> None:
        """Write a film."""

        def write() -> JobOutcome:
            return attempt(path, lambda: _write(path, reel))

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


def _write(path: Path, reel: Reel) -> None:
    is_video = path.suffix.lower() == video.ENDING
    write_atomically(path.resolve(), _video_of(reel) if is_video else _gif_of(reel))


def _video_of(reel: Reel) -> bytes:
    painted = (_painted(reel, number) for number in range(len(reel.milliseconds)))
    return video.video_of(painted, reel.milliseconds)


def _gif_of(reel: Reel) -> bytes:
    """Return the film; of its pictures one is there in all its colours at a time."""
    from PIL import Image

    number = len(reel.milliseconds)
    # All in the colours of the last, where there is all that is drawn.
    palette = _true_colours(reel, number - 1).quantize(_COLOURS)
    pictures = (
        _true_colours(reel, each).quantize(palette=palette, dither=Image.Dither.NONE)
        for each in range(number)
    )
    written = io.BytesIO()
    next(pictures).save(
        written,
        "GIF",
        save_all=True,
        append_images=pictures,
        duration=list(reel.milliseconds),
        loop=0,
    )
    return written.getvalue()


def _true_colours(reel: Reel, number: int) -> Image.Image:
    from PIL import Image

    rgb = _painted(reel, number).convertToFormat(QImage.Format.Format_RGBX8888)
    size = rgb.width(), rgb.height()
    return Image.frombytes("RGB", size, bytes(rgb.constBits()), "raw", "RGBX")


def _painted(reel: Reel, number: int) -> QImage:
    picture = QImage(reel.size, QImage.Format.Format_RGB32)
    picture.fill(reel.ground)
    painter = QPainter(picture)
    reel.paint(painter, number)
    painter.end()
    return picture
