"""Where exports and reports may write: beside what a person has, never over it."""

from __future__ import annotations

from pathlib import Path

from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.runs.errors import RunError


def refuse_taken(*paths: Path, replace: bool) -> None:
    """Raise RunError where one of these paths is taken, or is within a run's folder.

    With ``replace`` what is there may be written over, but for a run's own files.
    """
    for path in paths:
        run = next((p for p in path.absolute().parents if _is_run(p)), None)
        if run is not None:
            raise RunError(
                f"{path} is in the folder of the run {run.name}, which keeps what "
                "training wrote and nothing else: choose another folder"
            )
        if path.exists() and not path.is_dir() and not replace:
            remedy = Remedy(kind=RemedyKind.REPLACE, subject=path.name)
            raise RunError(f"{path} is there already", remedy)


def with_ending(path: Path, ending: str) -> Path:
    """Return the path with an ending, where it has none; RunError if it has another."""
    if path.suffix.lower() == ending:
        return path
    if path.suffix:
        better = path.with_suffix(ending).name
        raise RunError(f"{path} does not end in {ending}: name it {better}")
    return path.with_suffix(ending)


def _is_run(folder: Path) -> bool:
    return (folder / "run.json").is_file()
