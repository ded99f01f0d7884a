"""A picture of any size made one of [channels, size, size], in little memory."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np

from workbench.core.base.errors import DataError
from workbench.core.pictures.files import PictureSource, load, look_at, picture_errors
from workbench.core.pictures.store import Pictures

if TYPE_CHECKING:
    from PIL import Image

Fit: TypeAlias = Literal["crop", "pad", "stretch"]
_MOST_PIXELS = 80_000_000
_LARGE_PIXELS = 8_000_000
_ROWS = 256


class Reduction(NamedTuple):
    """How a picture of any size becomes one of [channels, size, size]."""

    size: int
    channels: Literal[1, 3]
    fit: Fit = "crop"
    inverted: bool = False
    exact: bool = False
    """Whether a JPEG is read at its full size, which takes longer."""

    def apply(self, picture: Image.Image) -> Pictures:
        """Return the reduced picture; what is transparent lies on white."""
        from PIL import Image, ImageOps

        ImageOps.exif_transpose(picture, in_place=True)
        mode = "L" if self.channels == 1 else "RGB"
        if _is_large(picture) and not _is_flat(picture, mode):
            layers = (_layer(picture, mode, at) for at in range(self.channels))
            small = Image.merge(mode, [self._fitted(layer) for layer in layers])
        else:
            small = self._fitted(_flat(picture, mode))
        pixels = np.asarray(small, np.uint8).reshape(*small.size, self.channels)
        pixels = 255 - pixels if self.inverted else pixels
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def _fitted(self, flat: Image.Image) -> Image.Image:
        from PIL import Image, ImageOps

        side = (self.size, self.size)
        if self.fit == "crop":
            return ImageOps.fit(flat, side, Image.Resampling.LANCZOS)
        if self.fit == "pad":
            border = _background(flat)
            return ImageOps.pad(flat, side, Image.Resampling.LANCZOS, border)
        return flat.resize(side, Image.Resampling.LANCZOS)


class Reducer(NamedTuple):
    """Reduces pictures; the large ones in one thread ``alone``.

    Several at once would fill the memory, and each thread keeps for itself what it
    had.
    """

    source: PictureSource
    reduction: Reduction
    alone: Executor

    def reduced(self, file: PurePosixPath) -> Pictures | str:
        """Return the reduced picture, or why there is none."""
        try:
            return self._reduced(file, is_alone=False)
        except DataError as error:
            return str(error)

    def _reduced(self, file: PurePosixPath, *, is_alone: bool) -> Pictures:
        enough = 0 if self.reduction.exact else 2 * self.reduction.size
        with self.source.open(file) as content:
            picture = look_at(content, file, _MOST_PIXELS)
            if is_alone or not _is_large(picture):
                with picture_errors(file):
                    return self.reduction.apply(load(picture, file, enough))
        # It is opened there, so that it is gone before the next one is loaded.
        return self.alone.submit(self._reduced, file, is_alone=True).result()


def _is_large(picture: Image.Image) -> bool:
    return picture.width * picture.height > _LARGE_PIXELS


def _layer(picture: Image.Image, mode: str, channel: int) -> Image.Image:
    """Return one channel of a large picture, without a second one as large."""
    from PIL import Image

    layer = Image.new("L", picture.size)
    for top in range(0, picture.height, _ROWS):
        bottom = min(top + _ROWS, picture.height)
        box = (0, top, picture.width, bottom)
        layer.paste(_flat(picture.crop(box), mode).getchannel(channel), box)
    return layer


def _is_flat(picture: Image.Image, mode: str) -> bool:
    return picture.mode == mode and "transparency" not in picture.info


def _flat(picture: Image.Image, mode: str) -> Image.Image:
    flat = _opaque(picture)
    return flat if flat.mode == mode else flat.convert(mode)


def _opaque(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if picture.mode.startswith("I"):  # 16 bits of grey, which convert would clip
        grey = np.clip(np.asarray(picture).astype(np.int64) >> 8, 0, 255)
        return Image.fromarray(grey.astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        above = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", above.size, "white"), above)
    return picture


def _background(picture: Image.Image) -> int | tuple[int, ...]:
    """Return the colour of a picture's edge: at each channel its median."""
    width, height = picture.size
    rows = ((0, y, width, y + 1) for y in (0, height - 1))
    columns = ((x, 0, x + 1, height) for x in (0, width - 1))
    sides = (np.asarray(picture.crop(box)) for box in (*rows, *columns))
    edge = np.concatenate([side.reshape(-1, len(picture.getbands())) for side in sides])
    colour = tuple(int(value) for value in np.median(edge, axis=0))
    return colour if len(colour) > 1 else colour[0]
