"""The Queue panel: what is trained next, by a process of its own.

It uses ``graphs``, ``shell`` and ``look``. Begin with ``queue_panel``.
"""
