"""``reproduce``: lists the papers' experiments, and does one of them again."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli._arguments import add_usual_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "experiment",
        nargs="?",
        metavar="EXPERIMENT|FILE",
        help="its name or TOML file; without one, list them",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a first version, in minutes"
    )
    parser.add_argument(
        "--page-only",
        action="store_true",
        help="train and evaluate nothing: draw the page of what is there",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the page (else a file of the user's)"
    )
    add_usual_arguments(parser, "device", "runs", "data", "json")


def run(arguments: argparse.Namespace) -> int:
    """List them; or train what is missing, evaluate, and draw the page."""
    from workbench.cli import _reproducing

    if not arguments.experiment:
        return _reproducing.show_list(arguments)
    return _reproducing.reproduce(arguments)
