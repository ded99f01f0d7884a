"""``export``: a run's metrics or weights for other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.cli._arguments import add_usual_arguments
from workbench.core.base.folders import expanded, runs_folder
from workbench.core.config.run_config import parse_override
from workbench.core.runs.search import find_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_name", metavar="RUN", help="a run's folder, name or id")
    parser.add_argument(
        "--to",
        required=True,
        choices=["csv", "tensorboard", "weights", "model"],
        help="weights: safetensors, with the lines of Python that use them beside; "
        "model: a small run folder, to send or to sketch with",
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="file, or folder")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="for a model: a field to use it with, as in "
        "--set algorithm.inner_steps=5; "
        "may be repeated",
    )
    parser.add_argument(
        "--checkpoint",
        default="best",
        choices=["best", "latest"],
        help="for a model: which one",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace files that are there already"
    )
    add_usual_arguments(parser, "runs")


def run(arguments: argparse.Namespace) -> int:
    """Write what was asked for and say where it is."""
    from workbench.core.runs.bundle import bundle
    from workbench.core.runs.export import EXPORTS
    from workbench.core.runs.export_code import without_code

    folder = find_run(arguments.run_name, runs_folder(arguments.runs))
    path = expanded(arguments.path)
    if arguments.to == "model":
        written = bundle(
            folder,
            path,
            dict(map(parse_override, arguments.set)),
            arguments.checkpoint,
        )
    else:
        written = EXPORTS[arguments.to](folder, path, replace=arguments.force)
    sys.stdout.write(f"{written}\n")
    if arguments.to == "weights":
        lacks = without_code(folder.config())
        if lacks:
            sys.stderr.write(f"warning: {lacks}\n")
        code = written.with_suffix(".py")
        sys.stdout.write(f"{code}\n\n{code.read_text(encoding='utf-8')}")
    return 0
