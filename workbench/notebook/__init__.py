"""The notebook's face: what ``import workbench`` gives, a handful of functions.

``train``, ``evaluate``, ``compare``, ``load``, ``presets``, ``runs``,
``Model.from_module``, ``Task.from_dataset`` and ``register``. It stands where the
command line and the window stand, and writes the same run folders.
"""
