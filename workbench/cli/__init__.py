"""The command line: one file per command, no Qt, and torch only where needed.

A command is a module with ``add_arguments(parser)`` and ``run(arguments) -> int``,
imported when it is asked for: the help and the window wait for none of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from workbench import __version__
from workbench.cli._arguments import Parser
from workbench.core.base.lazy import imported
from workbench.core.base.program import command, program

COMMANDS = {
    "bench": "measure meta-steps per second, and peak memory, on fixed workloads",
    "calibrate": "find on validation tasks how sure a run's answers to sketches may be",
    "challenge": "put Omniglot's one-shot challenge, or more of its form, to a "
    "trained run",
    "check": "say what is wrong with the files of a run, or of all, and repair them",
    "data": "list the data sets, download them, or bring in local copies",
    "episode": "draw one episode of a configuration as a PNG picture or as NPZ arrays",
    "evaluate": "evaluate a trained run on new tasks, at every inner step",
    "export": "write a run's metrics as CSV or TensorBoard files, its weights or its "
    "model",
    "presets": "list the presets that come along, or show one as TOML",
    "report": "write one run or a comparison as one self-contained HTML file",
    "reproduce": "list the papers' tables and figures, or reproduce one as a page",
    "runs": "list the runs, newest first, and how they stand",
    "sweep": "queue a configuration over seeds and values, and train what is queued",
    "table": "print the published figures beside those measured here",
    "train": "train a configuration or a preset, or resume a run",
    "work": "train what is queued in a folder of runs, beside any other workers of it",
    "workers": "list who trains what is queued, on any machine, and stop some of them",
}
"""What each command is for; it is the module of that name."""

OK, FAILED, USAGE = 0, 1, 2

_FOLDERS = ("--data", "--runs")


def entry_point(arguments: Sequence[str] | None = None) -> int:
    """Run a command, or open the window where none is given; return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    first = _first_word(words)
    if words[first:] and words[first] in COMMANDS:
        given = _folders_parser().parse_args(words[:first])
        name = words[first]
        module = imported(f"{__name__}.{name}")
        parsed = _command_parser(name, module).parse_args(words[first + 1 :])
        for which, folder in vars(given).items():
            if getattr(parsed, which, None) is None:
                setattr(parsed, which, folder)
        return _run(module, parsed)
    return _open(_window_parser().parse_args(words))


def _first_word(words: Sequence[str]) -> int:
    """Return where the words begin that follow the folders, if any, before them."""
    place = 0
    while place < len(words) and words[place].partition("=")[0] in _FOLDERS:
        place += 1 if "=" in words[place] else 2
    return place


def _command_parser(name: str, module: ModuleType) -> argparse.ArgumentParser:
    parser = Parser(prog=f"{program()} {name}", description=COMMANDS[name])
    module.add_arguments(parser)
    return parser


def _help_text() -> str:
    parser = Parser(
        prog=program(),
        usage=f"{program()} [RUN_FOLDER | FILE]   or   {program()} COMMAND ...",
        description="The Few-Shot Workbench. Without a command it opens the window.",
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument(
        "--info", action="store_true", help="print versions, device and folders"
    )
    parser.add_argument(
        "--reset", action="store_true", help="forget the window's settings"
    )
    parser.add_argument(
        "--install-desktop",
        action="store_true",
        help="add a menu entry, an icon and the file types to the desktop (Linux)",
    )
    parser.add_argument(
        "--uninstall-desktop", action="store_true", help="remove them again"
    )
    _add_folders(parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        subparsers.add_parser(name, help=purpose)
    return parser.format_help()


def _window_parser() -> argparse.ArgumentParser:
    parser = Parser(prog=program(), add_help=False)
    parser.format_help = _help_text  # type: ignore[method-assign]
    parser.add_argument("--help", "-h", action="help")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--info", action="store_true")
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--install-desktop", action="store_true")
    parser.add_argument("--uninstall-desktop", action="store_true")
    parser.add_argument("path", nargs="?")
    _add_folders(parser)
    return parser


def _folders_parser() -> argparse.ArgumentParser:
    parser = Parser(prog=program(), add_help=False)
    _add_folders(parser)
    return parser


def _add_folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder of data sets (else FEWSHOT_DATA, else the user's data folder)",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        metavar="DIR",
        help="folder of runs (else FEWSHOT_RUNS, else the user's data folder)",
    )


def _open(arguments: argparse.Namespace) -> int:
    from workbench.core.base.folders import data_folder, expanded, runs_folder

    if arguments.info:
        from workbench.core.base.information import information

        sys.stdout.write(information(arguments.data, arguments.runs))
        return OK
    if arguments.install_desktop or arguments.uninstall_desktop:
        from workbench.cli import _desktop

        return _run(_desktop, arguments)
    path = expanded(arguments.path) if arguments.path else None
    if path is not None and not path.exists():
        from workbench.core.base.suggestions import did_you_mean

        hint = did_you_mean(arguments.path, COMMANDS)
        _complain(
            f"no command, run folder or file {arguments.path!r}{hint} "
            f"({command('--help')} lists the commands)"
        )
        return USAGE
    from workbench.gui.app.start import open_window

    return open_window(
        path,
        data=data_folder(arguments.data),
        runs=runs_folder(arguments.runs),
        reset=arguments.reset,
    )


def _run(command: ModuleType, arguments: argparse.Namespace) -> int:
    """Run a command; what can go wrong becomes one message and an exit code."""
    from workbench.cli._wording import told_of
    from workbench.core.base.cancelling import Cancelled
    from workbench.core.base.devices import DeviceError
    from workbench.core.base.errors import WorkbenchError
    from workbench.core.base.plugins import complaints
    from workbench.core.config.run_config import ConfigError
    from workbench.core.runs.search import NoSuchRun

    try:
        return int(command.run(arguments))
    except (ConfigError, DeviceError, NoSuchRun) as error:
        _complain(told_of(error))
        return USAGE
    except (WorkbenchError, Cancelled) as error:
        _complain(told_of(error))
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except OSError as error:
        _complain(_what_happened(error))
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    finally:
        for complaint in complaints():
            sys.stderr.write(f"warning: {complaint}\n")


def _what_happened(error: OSError) -> str:
    if error.filename is None:
        return f"input/output: {error.strerror or error}"
    folder = Path(error.filename).parent
    if isinstance(error, FileNotFoundError) and not folder.is_dir():
        return f"{error.filename}: there is no folder {folder}"
    return f"{error.filename}: {error.strerror or error}"


def _complain(message: str) -> None:
    sys.stderr.write(f"error: {message}\n")
