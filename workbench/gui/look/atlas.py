"""Many small pictures in one image, which Qt copies from quickly."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from workbench.core.pictures.rgb import as_rgb

_COLUMNS = 32


class Atlas(NamedTuple):
    """Pictures of one size in the cells of a grid."""

    image: QImage
    width: int
    height: int
    columns: int

    def source(self, index: int) -> QRect:
        """Return where picture ``index`` is in the image."""
        row, column = divmod(index, self.columns)
        return QRect(column * self.width, row * self.height, self.width, self.height)

    def picture(self, index: int) -> QImage:
        """Return one picture."""
        return self.image.copy(self.source(index))


def atlas_of(pictures: NDArray[np.uint8], columns: int = _COLUMNS) -> Atlas:
    """Return an atlas of pictures [n, C, H, W]; callable from any thread."""
    rgb = as_rgb(pictures)
    count, height, width, _ = rgb.shape
    across = max(1, min(columns, count))
    down = -(-max(count, 1) // across)
    grid = np.zeros((down * across, height, width, 3), np.uint8)
    grid[:count] = rgb
    tiled = grid.reshape(down, across, height, width, 3).swapaxes(1, 2)
    image = to_image(tiled.reshape(down * height, across * width, 3))
    return Atlas(image, width, height, across)


def to_image(rgb: NDArray[np.uint8]) -> QImage:
    """Return an image [H, W, 3], or a grey one [H, W], with memory of its own."""
    content = np.ascontiguousarray(rgb)
    form = QImage.Format.Format_RGB888
    if content.ndim == 2:
        form = QImage.Format.Format_Grayscale8
    height, width = content.shape[:2]
    return QImage(content.data, width, height, content.strides[0], form).copy()


def to_array(image: QImage) -> NDArray[np.uint8]:
    """Return an image as [H, W, 3]."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    flat: NDArray[Any] = np.frombuffer(plain.constBits(), np.uint8)
    rows = flat.reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()
