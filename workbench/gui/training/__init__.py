"""The Training tab: the thread that trains, its controller, and the plots' places.

It uses ``plots``, ``graphs``, ``forms``, ``shell`` and ``look``, and no other tab.
Begin with ``training_panel`` and ``run_controller``.
"""
