"""The Sweeps panel: which fields were swept, and which values are best.

It uses ``graphs``, ``forms``, ``shell`` and ``look``, and no other tab. Begin with
``sweeps_panel``.
"""
