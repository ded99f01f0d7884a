"""The Few-Shot Workbench: gradient-based meta-learning you can watch.

The one rule is that arrows point one way::

    main.py -> workbench.cli -> workbench.gui
            -> workbench.algorithms | workbench.tasks | workbench.models
            -> workbench.core

- ``core``: torch, numpy, pydantic and the standard library. It is mapped below.
- ``algorithms``, ``tasks``, ``models``: one file each, found by ``core.registry``. They
  do not know each other. A class in such a file is at once the typed settings of the
  thing (a frozen pydantic model, from which the form is made) and the thing itself.
- ``cli``: the command line, a module a subcommand; imports no Qt. It reaches for the
  window only where it is asked to open or to measure it.
- ``gui``: the window, and the only package that imports Qt. ``main_window`` builds and
  connects; ``session`` holds the configuration and the run that all panels share;
  ``run_controller`` and ``run_thread`` train. ``panels`` and ``plots`` have a file for
  each, found by the registry; ``data``, ``runs`` and ``sketch`` are what those tabs are
  made of, ``widgets`` what knows of none of them, and ``measuring`` times it all.

**The map of core**, from what learns to what people see:

- One task: ``episode``, ``params``, ``layers``, ``model``, ``objective``,
  ``inner_loop``, ``meta_learner``, ``solvers``, ``randomness``.
- Many tasks, fast: ``engine`` maps one over a meta-batch; ``tracing``, ``tape`` and
  ``replay`` repeat what it did, and ``cuda_graph`` the whole step on a GPU;
  ``convolution``, ``batch_norm``, ``folding`` and ``pooling`` have derivatives of
  every order; ``memory``, ``devices``, ``footprint``, ``lazy``.
- What is drawn: ``task_family``, ``sampling``, ``random_choice``, ``class_list``,
  ``class_bank``, ``image_settings``, ``distortion``, ``holdings``, ``seen_classes``.
- Data sets: ``datasets``, ``downloads``, ``picture_files``, ``picture_folders``,
  ``picture_store``, ``safe_pickle``, ``data_error``; invented ones:
  ``glyph_alphabets``, ``glyph_programs``, ``strokes``.
- A configuration: ``settings``, ``sections``, ``run_config``, ``overrides``,
  ``presets``, ``registry``, ``phrases``, ``suggestions``.
- Training: ``training``, ``training_session``, ``trainer``, ``meta_step``,
  ``reading``, ``training_error``, ``stopwatch``, ``events``, ``histograms``,
  ``checkpoint``, ``trial``.
- A run's folder, and many: ``run_store``, ``run_search``, ``run_row``, ``run_index``,
  ``run_filter``, ``run_queue``, ``sweep``, ``bundle``, ``export``, ``export_code``;
  ``files``, ``file_lock``, ``folders``, ``processes``, ``json_text``.
- What was learned: ``trained``, ``evaluation``, ``evaluations``, ``comparison``,
  ``seeds``, ``statistics``, ``score_text``, ``proportion``, ``challenge``,
  ``published``, ``results_table``, ``table_text``, ``report``, ``svg_plot``,
  ``bench_workloads``.
- Single episodes and sketches: ``shown_episode``, ``answers``, ``episode_picture``,
  ``lettering``, ``adapted``, ``sketch_session``, ``sketch_answers``,
  ``sketch_alphabets``, ``sketch_pictures``.
- The program itself: ``program``, ``information``.

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
