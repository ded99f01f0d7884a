"""The Few-Shot Workbench: gradient-based meta-learning you can watch.

The one rule is that arrows point one way::

    main.py -> workbench.cli | workbench.gui
            -> workbench.algorithms | workbench.tasks | workbench.models
            -> workbench.core

- ``core``: torch, numpy, pydantic and the standard library. What an episode, a
  meta-learner, a task family and a model are; the inner loop; the engine that maps one
  task over a meta-batch; the outer loop as a generator of events; the run folder.
- ``algorithms``, ``tasks``, ``models``: one file each, found by ``core.registry``. They
  do not know each other. A class in such a file is at once the typed settings of the
  thing (a frozen pydantic model, from which the form is made) and the thing itself.
- ``cli``: the command line; imports no Qt.
- ``gui``: the window, and the only package that imports Qt.

**The life of one run.** A form or a TOML file becomes a validated, frozen
``RunConfig``; ``RunFolder.create`` gives it a folder; ``train(folder)`` is a generator
that yields frozen events of plain numbers and writes them to the folder as it goes. The
command line is a for-loop over it, and so is the window's thread: pausing is not
advancing, stopping is leaving the loop. The folder is the interface between whatever
trains and whatever watches.

**Lazy torch.** Importing torch takes seconds, so modules that a form or ``--help``
needs take it from ``core.lazy``: it is imported when it is first used.
"""

__version__ = "0.1.0"
