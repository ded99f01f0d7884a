"""The Runs and Compare panels: every run there is, and what can be done with it.

It uses ``forms``, ``graphs``, ``shell`` and ``look``. Begin with ``runs_panel``.
"""
