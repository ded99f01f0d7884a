"""Downloads that can be trusted: checked, resumed where they stopped, cancelled."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.core.base.cancelling import CancelFlag, Progress, no_progress, stop_if
from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import OTHER_DATA, DataError

_TIMEOUTS = (10, 20)
"""Seconds to wait for a connection, and for the next bytes."""
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class RemoteFile:
    """A published file: where it is, and the checksum that makes it the right one."""

    name: str
    urls: tuple[str, ...]
    checksum: str
    """``md5:...`` or ``sha256:...``."""
    most_bytes: int = 2**30


def fetch(
    file: RemoteFile,
    folder: Path,
    progress: Progress = no_progress,
    cancel: CancelFlag | None = None,
) -> Path:
    """Download a file into ``folder`` and return its path; at once if it is there.

    What came before an interruption is kept beside it as ``NAME.part`` and continued,
    from any mirror, next time. DataError says why each mirror failed and what to do.
    """
    import pooch
    import requests

    logging.getLogger("pooch").setLevel(logging.WARNING)
    pooch.get_logger().setLevel(logging.WARNING)
    failures = []
    for url in file.urls:
        stop_if(cancel)
        download = _Download(file, folder / f"{file.name}.part", progress, cancel)
        try:
            pooch.retrieve(url, file.checksum, file.name, folder, downloader=download)
        except requests.RequestException as error:
            failures.append(f"{urlsplit(url).netloc} {_reason(error)}")
        except ValueError:
            failures.append(
                f"{urlsplit(url).netloc} sent something else than was published "
                "(its checksum is wrong)"
            )
        except OSError as error:
            text, remedies = disk_problem(error, folder / file.name, OTHER_DATA)
            raise DataError(
                f"cannot write {file.name} to {folder}: {text}", *remedies
            ) from error
        else:
            return folder / file.name
    raise DataError(
        f"{file.name} could not be downloaded: {'; '.join(failures)}. Try again later: "
        "it goes on where it stopped"
    )


@dataclass(frozen=True)
class _Download:
    """What pooch calls to download: by HTTP Range, behind what is in ``part``."""

    file: RemoteFile
    part: Path
    progress: Progress
    cancel: CancelFlag | None

    def __call__(self, url: str, output_file: Any, pooch: Any) -> None:
        import requests

        done = self.part.stat().st_size if self.part.exists() else 0
        headers = {"Accept-Encoding": "identity"}
        if done:
            headers["Range"] = f"bytes={done}-"
        with requests.get(
            url, headers=headers, stream=True, timeout=_TIMEOUTS
        ) as answer:
            ranged = answer.headers.get("Content-Range", "")
            if answer.status_code == 416 and ranged != f"bytes */{done}":
                self.part.unlink()  # longer than the file: it is of something else
                return self(url, output_file, pooch)
            if answer.status_code != 416:
                answer.raise_for_status()
                resumed = ranged.startswith(f"bytes {done}-")
                self._receive(answer, done if resumed else 0)
        shutil.move(self.part, output_file)

    def _receive(self, answer: Any, done: int) -> None:
        import requests

        length = answer.headers.get("Content-Length", "")
        total = done + int(length) if length.isdigit() else 0
        with self.part.open("ab" if done else "wb") as part:
            self.progress(self.file.name, done, total)
            for chunk in answer.iter_content(_CHUNK):
                stop_if(self.cancel)
                part.write(chunk)
                done += len(chunk)
                if done > self.file.most_bytes:
                    break
                self.progress(self.file.name, done, total)
        if done > self.file.most_bytes:
            self.part.unlink()
            raise requests.RequestException("sent more than was published")
        if total and done != total:
            raise requests.ConnectionError


def _reason(error: Exception) -> str:
    import requests

    answer = getattr(error, "response", None)
    if isinstance(error, requests.HTTPError) and answer is not None:
        return f"answered {answer.status_code} ({answer.reason})"
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke off"
    if isinstance(error, requests.ConnectionError):
        return "could not be reached, or broke off"
    return str(error)
