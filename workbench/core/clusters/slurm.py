"""Slurm's commands, and what they say where they cannot do what they should."""

from __future__ import annotations

import re
import subprocess

from workbench.core.base.phrases import one_line
from workbench.core.clusters.errors import ClusterError

_PATIENCE_SECONDS = 60
_MOST_SAID = 500


def ask_slurm(command: str, *arguments: str) -> str:
    """Return what one of Slurm's commands prints; ClusterError if it does not work."""
    try:
        done = subprocess.run(
            [command, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
    except FileNotFoundError as error:
        raise ClusterError(
            f"there is no {command} on this machine: ask from one that has Slurm's "
            "commands, such as the cluster's login node"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ClusterError(
            f"{command} has not answered for {_PATIENCE_SECONDS} seconds: Slurm's "
            "controller may be down, which sinfo says"
        ) from error
    if done.returncode:
        raise ClusterError(f"{command}: {said_by(command, done.stderr)}")
    return done.stdout


def said_by(command: str, text: str) -> str:
    """Return what a command complains of, without its own name before each line."""
    lines = (re.sub(rf"^{command}: (error: )?", "", line) for line in text.split("\n"))
    told = "; ".join(line.strip() for line in lines if line.strip())
    return one_line(told, _MOST_SAID) or "it does not say why"
