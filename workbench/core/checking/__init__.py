"""What is wrong with what is kept: runs, their index, the queue, the data sets.

It uses all that keeps something, and is used by nothing in ``core``.
Begin with ``finding``, which says what a check is; ``run_check`` and ``shared`` name
what there is to check, and ``metrics``, ``checkpoints``, ``configuration`` and
``records`` look at it.
"""
