"""The Published panel: what papers reported, beside what was measured here.

It uses ``shell`` and ``look``. Begin with ``published_panel``.
"""
