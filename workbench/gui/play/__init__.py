"""The Play tab: arenas with goals, what is done to reach them, and what plays it.

It uses ``graphs``, ``shell`` and ``look``. Begin with ``play_panel``.
"""
