"""Training, evaluating and what was trained: the loop, its state, its figures.

It uses ``runs``, ``config``, ``engine``, ``pictures``, ``learning`` and ``base``.
Begin with ``training``: a generator of events, which the command line and the
window's thread loop over; then ``evaluation``.
"""
