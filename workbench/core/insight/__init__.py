"""Why a task is learned: the inner loop looked into, and played with.

It uses ``episodes``, ``training`` and what is below them.
Begin with ``at_hand``: a task, and the learner that adapts to it.
"""
