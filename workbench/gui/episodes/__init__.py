"""The episode browser of the Data tab, and the learners asked about an episode.

It uses ``shell`` and ``look``. Begin with ``episodes_view``.
"""
