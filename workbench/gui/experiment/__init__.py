"""The Experiment panel: a configuration, its file, and what it will take.

It uses ``forms``, ``shell`` and ``look``. Begin with ``experiment_panel``.
"""
