"""Compiles kernels where there is a C++ compiler, and keeps them for later runs."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from workbench.core.base.files import written_atomically
from workbench.core.base.folders import cache_folder

_FLAGS = (
    *("-std=c++17", "-O3", "-march=native", "-fopenmp-simd", "-fno-math-errno"),
    *("-fno-trapping-math", "-fno-signed-zeros", "-shared", "-fPIC", "-w"),
)
_MOST_SECONDS = 600


class NoCompilerError(RuntimeError):
    """There is no C++ compiler, or it does not take what it is given."""


def built(text: str) -> Any:
    """Return the function ``run`` of a kernel's text, compiling it if it is new."""
    program = compiler()
    version = _said_by([program, "--version"]).stdout
    known_by = "\n".join((program, version, *_FLAGS, _processor(), text))
    name = hashlib.sha256(known_by.encode()).hexdigest()[:32]
    library = cache_folder() / "kernels" / f"{name}.so"
    try:
        if not library.is_file():
            _compile(program, text, library)
        run = ctypes.CDLL(str(library)).run
    except (OSError, AttributeError) as error:
        library.unlink(missing_ok=True)  # so that the next run builds it anew
        raise NoCompilerError(f"no kernel in {library}: {error}") from None
    run.argtypes = (ctypes.c_void_p,) * 3 + (ctypes.c_long,)
    run.restype = None
    return run


def compiler() -> str:
    """Return the C++ compiler's program; NoCompilerError if there is none."""
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++"):
        if name and (found := shutil.which(name)):
            return found
    raise NoCompilerError("no C++ compiler was found")


def _compile(program: str, text: str, library: Path) -> None:
    library.parent.mkdir(parents=True, exist_ok=True)
    with written_atomically(library) as file:
        command = [program, *_FLAGS, "-x", "c++", "-", "-o", file.name]
        said = _said_by(command, text)
        if said.returncode:
            raise NoCompilerError(f"{program} fails: {said.stderr[-500:]}")


def _said_by(command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=_MOST_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoCompilerError(f"{command[0]} fails: {error}") from None


def _processor() -> str:
    """Return what tells one machine's processor from another's."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(
        sorted({x for x in lines if x.startswith(("flags", "model name"))})
    )
