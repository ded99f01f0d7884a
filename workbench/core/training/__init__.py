"""Training, evaluating and what was trained: the loop, its state, its figures.

It uses ``runs``, ``config``, ``engine``, ``pictures``, ``learning`` and ``base``.
Begin with ``training``, a generator of events that holds a run: ``stretch`` goes
through the loop, ``outer_loop`` is its numbers and a step of them, and ``record``
keeps the folder. ``evaluation`` examines, ``judging`` what was trained.
"""
