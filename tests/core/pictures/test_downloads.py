"""Downloads against a server on this machine that misbehaves on demand."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from workbench.core.base.cancelling import Cancelled
from workbench.core.base.errors import DataError
from workbench.core.pictures.downloads import RemoteFile, fetch

CONTENT = bytes(range(256)) * 2048  # half a megabyte
BROKEN_AT = 3 * 64 * 1024
CHECKSUM = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENT; ``requests`` remembers each path with its Range."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str | None]] = []

    def url(self, how: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{how}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        how, asked = self.path.strip("/"), self.headers.get("Range")
        self.server.requests.append((how, asked))
        content = b"x" * len(CONTENT) if how == "wrong" else CONTENT
        if how == "missing":
            self.send_error(404)
            return
        start = int(asked[len("bytes=") : -1]) if asked and how != "no-range" else 0
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + BROKEN_AT if how == "breaks" else len(content)
        self.wfile.write(content[start:end])


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(
            target=running.serve_forever, kwargs={"poll_interval": 0.01}
        )
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def remote(server: Server, *hows: str, **about: Any) -> RemoteFile:
    urls = tuple(server.url(how) for how in hows)
    return RemoteFile("file.zip", urls, CHECKSUM, **about)


def test_a_file_is_downloaded_and_its_progress_told(
    server: Server, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []
    path = fetch(remote(server, "good"), tmp_path, lambda *what: told.append(what))
    assert path.read_bytes() == CONTENT
    assert told[0] == ("file.zip", 0, len(CONTENT))
    assert told[-1] == ("file.zip", len(CONTENT), len(CONTENT))
    assert [file.name for file in tmp_path.iterdir()] == ["file.zip"]


def test_a_file_that_is_there_is_not_downloaded_again(
    server: Server, tmp_path: Path
) -> None:
    for _ in range(2):
        fetch(remote(server, "good"), tmp_path)
    assert len(server.requests) == 1


def test_an_interrupted_download_goes_on_where_it_stopped(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"broke off.*goes on where it stopped"):
        fetch(remote(server, "breaks"), tmp_path)
    part = tmp_path / "file.zip.part"
    assert part.read_bytes() == CONTENT[:BROKEN_AT]
    assert not (tmp_path / "file.zip").exists()
    path = fetch(remote(server, "good"), tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.requests[-1] == ("good", f"bytes={BROKEN_AT}-")
    assert not part.exists()


def test_the_second_mirror_goes_on_where_the_first_broke_off(
    server: Server, tmp_path: Path
) -> None:
    path = fetch(remote(server, "breaks", "good"), tmp_path)
    assert path.read_bytes() == CONTENT
    assert server.requests[-1] == ("good", f"bytes={BROKEN_AT}-")


def test_a_mirror_without_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    path = fetch(remote(server, "breaks", "no-range"), tmp_path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("length", [len(CONTENT), len(CONTENT) + 7])
def test_a_part_that_is_whole_or_longer_is_no_trouble(
    server: Server, tmp_path: Path, length: int
) -> None:
    (tmp_path / "file.zip.part").write_bytes((CONTENT + b"more and more")[:length])
    assert fetch(remote(server, "good"), tmp_path).read_bytes() == CONTENT


def test_a_part_of_something_else_is_noticed_and_the_next_mirror_tried(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file.zip.part").write_bytes(b"something else")
    assert fetch(remote(server, "good", "good"), tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_is_refused_and_nothing_is_left(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="checksum is wrong"):
        fetch(remote(server, "wrong"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_second_mirror_is_tried_where_the_first_is_wrong(
    server: Server, tmp_path: Path
) -> None:
    path = fetch(remote(server, "missing", "wrong", "good"), tmp_path)
    assert path.read_bytes() == CONTENT


def test_every_failure_is_told_with_what_to_do(server: Server, tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9/file.zip"
    file = RemoteFile("file.zip", (server.url("missing"), nobody), CHECKSUM)
    with pytest.raises(
        DataError, match=r"answered 404 .*could not be reached.*Try again later"
    ):
        fetch(file, tmp_path)


def test_more_than_was_published_is_not_taken(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sent more than was published"):
        fetch(remote(server, "good", most_bytes=100_000), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_cancelling_stops_and_the_next_time_goes_on(
    server: Server, tmp_path: Path
) -> None:
    cancel = threading.Event()

    def stop_after_a_while(what: str, done: int, total: int) -> None:
        if done > 100_000:
            cancel.set()

    with pytest.raises(Cancelled):
        fetch(remote(server, "good"), tmp_path, stop_after_a_while, cancel)
    had = (tmp_path / "file.zip.part").stat().st_size
    assert 100_000 < had < len(CONTENT)
    assert [file.name for file in tmp_path.iterdir()] == ["file.zip.part"]
    assert fetch(remote(server, "good"), tmp_path).read_bytes() == CONTENT
    assert server.requests[-1] == ("good", f"bytes={had}-")


def test_a_folder_that_cannot_be_written_is_a_data_error(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot write file\.zip"):
        fetch(remote(server, "good"), tmp_path / "file")
