"""Makes an MP4 video of pictures, by the program ffmpeg where there is one."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtGui import QImage

ENDING = ".mp4"
_PROGRAM = "ffmpeg"
_EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2"
"""Most players want an even number of rows and columns."""


class VideoError(OSError):
    """There is no video; the message says why."""


def can_make_videos() -> bool:
    """Return whether ffmpeg is on the path."""
    return shutil.which(_PROGRAM) is not None


def video_of(pictures: Iterable[QImage], milliseconds: Sequence[int]) -> bytes:
    """Return pictures of one size, each for so long, as an MP4 video.

    They are taken one by one. VideoError says what ffmpeg said.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise VideoError(f"{_PROGRAM} is not installed, which makes videos")
    shortest = min(milliseconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"video{ENDING}"
        shown = zip(pictures, milliseconds, strict=True)
        parts = ((each, round(time / shortest)) for each, time in shown)
        _make(program, parts, 1000 / shortest, path)
        return path.read_bytes()


def _make(
    program: str, parts: Iterable[tuple[QImage, int]], rate: float, path: Path
) -> None:
    """Hand pictures to ffmpeg, each so many times."""
    made: subprocess.Popen[bytes] | None = None
    # What it says goes to a file: a pipe that nobody reads would make it wait.
    with tempfile.TemporaryFile() as said:
        try:
            for picture, times in parts:
                rgb = picture.convertToFormat(QImage.Format.Format_RGB32)
                if made is None:
                    arguments = _arguments(rgb.width(), rgb.height(), rate)
                    made = subprocess.Popen(
                        [program, *arguments, str(path)],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.DEVNULL,
                        stderr=said,
                    )
                assert made.stdin is not None
                made.stdin.write(bytes(rgb.constBits()) * times)
        except BrokenPipeError:
            pass  # it ended, and says why
        finally:
            failed = made is None or _end(made) != 0
        if failed:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            raise VideoError(f"{_PROGRAM}: {lines[-1] if lines else 'it failed'}")


def _end(made: subprocess.Popen[bytes]) -> int:
    """Let ffmpeg finish, and return how it ended."""
    if made.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            made.stdin.close()
    return made.wait()


def _arguments(width: int, height: int, rate: float) -> list[str]:
    """Return how ffmpeg reads and writes, but for the file."""
    reads = ["-f", "rawvideo", "-pix_fmt", "bgr0"]
    reads += ["-video_size", f"{width}x{height}", "-framerate", f"{rate:.6g}"]
    writes = ["-an", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    return ["-y", "-loglevel", "error", *reads, "-i", "-", "-vf", _EVEN, *writes]
