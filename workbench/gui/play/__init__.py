"""The Play tab: planes with goals, the walks to them, and what plays them.

It uses ``shell`` and ``look``. Begin with ``play_panel``.
"""
