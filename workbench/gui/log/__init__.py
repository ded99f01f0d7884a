"""The Log panel: what happened, line by line.

It uses ``shell`` and ``look``.
"""
