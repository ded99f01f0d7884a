"""Opens what a person names or drops, whatever it is."""

from __future__ import annotations

from pathlib import Path

from workbench.core.config.run_config import ConfigError
from workbench.core.runs.errors import RunError
from workbench.core.runs.store import RunFolder
from workbench.gui.look import preferences
from workbench.gui.shell.session import Session
from workbench.gui.shell.wording import sentence

_DATA_ENDINGS = (".zip", ".pkl", ".pickle", ".csv")


def open_path(session: Session, path: Path) -> None:
    """Open a configuration, a run, a sketch or data; the session tells what fails.

    A run is its folder or the configuration in it.
    """
    if _may_be_data(path):
        session.import_requested.emit(path)
    elif path.suffix.lower() == ".json":
        session.sketch_requested.emit(path)
    elif path.is_dir():
        _open_run(session, path)
    elif path.name == "config.toml" and path.with_name("run.json").is_file():
        _open_run(session, path.parent)
    else:
        _open_configuration(session, path)


def _may_be_data(path: Path) -> bool:
    if path.is_dir():
        return not (path / "config.toml").is_file()
    return path.suffix.lower() in _DATA_ENDINGS


def _open_configuration(session: Session, path: Path) -> None:
    try:
        session.load_file(path)
    except ConfigError as error:
        session.fail(f"Cannot open {path.name}.", str(error))


def _open_run(session: Session, path: Path) -> None:
    run = RunFolder(path)
    try:
        run.info()
    except RunError as error:
        session.fail(f"Cannot open {path.name}.", sentence(error))
        return
    preferences.remember_recent(path)
    session.set_run(run)
    session.show_panel("Training")
