"""The Few-Shot Workbench: gradient-based meta-learning you can watch.

The one rule is that arrows point one way::

    main.py -> workbench.cli -> workbench.gui
            -> workbench.algorithms | workbench.tasks | workbench.models
            -> workbench.core

- ``core``: all that learns, and what it stands on. It is mapped below.
- ``algorithms``, ``tasks``, ``models``: one file each, found by ``core.base.registry``.
  They do not know each other. A class in such a file is at once the typed settings of
  the thing (a frozen pydantic model, from which the form is made) and the thing itself.
- ``notebook``: what ``import workbench`` gives a notebook or a script: a handful of
  functions, which are imported when they are first used.
- ``cli``: the command line, a module a subcommand; imports no Qt. It reaches for the
  window only where it is asked to open or to measure it.
- ``gui``: the window, and the only package that imports Qt, likewise mapped below.

**The map of core**: each package uses only what stands below it.

- ``insight``: why a task is learned: its inner loop looked into, and played with.
- ``checking``: what is wrong with what is kept, and what puts it right.
- ``experiments``: the papers' tables and figures, trained, measured and drawn.
- ``queue``: what waits to be trained, and the workers that train it.
- ``planning``: sweeps, forecasts, and the workloads of the bench.
- ``results``: statistics, seeds, comparisons, tables, reports, the challenge.
- ``episodes``: one episode to be looked at, its answers, picture, and walks to a goal.
- ``sketch``: drawn characters, and what trained learners say of them.
- ``training``: the loop, its state, evaluations, and what was trained.
- ``spreading``: one run's tasks, shared out among several processes.
- ``clusters``: workers as a cluster's jobs, submitted, looked at and cancelled.
- ``pacing``: what each part of a run takes, and what is left of it.
- ``runs``: a run's folder, its events and checkpoints; the rows of many runs.
- ``searching``: what a search over values tries next, and gives up.
- ``config``: the sections of a configuration, its presets and its checks.
- ``acting``: environments, policies, and episodes collected with them.
- ``engine``: one task mapped over a meta-batch, taped, replayed, recorded.
- ``pictures``: data sets of pictures, from anyone's files to drawn episodes.
- ``learning``: episode, model, objective, inner loop and learner of one task.
- ``drawing``: strokes, glyphs, letters and curves without a window.
- ``ops``: layers' operations with derivatives of every order.
- ``base``: files, processes, settings, words, randomness: it knows of nothing.

**The map of gui**, in the same order; tabs do not know each other:

- ``measuring``: times the real window.
- ``training``, ``experiment``, ``runs``, ``sweeps``, ``queue``, ``published``,
  ``sketch``, ``play``, ``log``: a panel each with its parts, found by the registry.
- ``data``: the panel of data sets and classes, which shows ``episodes``.
- ``episodes``: the browser of episodes, and the learners asked about them.
- ``app``: start, main window, its own actions, errors; names no panel.
- ``plots``: a file for each plot.
- ``forms``: settings as forms.
- ``graphs``: what plots are made of.
- ``shell``: the session, actions, background work, and what a panel is.
- ``look``: theme, colours, and widgets that know of nothing.

**The life of one run.** A form or a TOML file becomes a validated, frozen
``RunConfig``; ``RunFolder.create`` gives it a folder; ``train(folder)`` is a generator
that yields frozen events of plain numbers and writes them to the folder as it goes. The
command line is a for-loop over it, and so is the window's thread: pausing is not
advancing, stopping is leaving the loop. The folder is the interface between whatever
trains and whatever watches.

**Lazy torch.** Importing torch takes seconds, so modules that a form or ``--help``
needs take it from ``core.base.lazy``: it is imported when it is first used. Its
compiler, as large again, is not imported at all unless something is compiled.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_FACE = {
    "train": "training",
    "evaluate": "training",
    "compare": "comparing",
    "load": "finding",
    "presets": "finding",
    "runs": "finding",
    "Model": "own_model",
    "Task": "own_task",
    "register": "registering",
}
"""What a notebook finds here, and the module of ``workbench.notebook`` it is in."""


def __getattr__(name: str) -> Any:
    if name not in _FACE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.notebook.{_FACE[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_FACE})
