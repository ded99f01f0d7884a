"""The sketch studio: paper, class cards, answers and what keeps them.

It uses ``shell`` and ``look``. Begin with ``sketch_panel``.
"""
