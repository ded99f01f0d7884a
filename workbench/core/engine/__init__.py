"""What was written for one task, run over a meta-batch, fast and exact.

It uses ``learning`` and ``base``.
Begin with ``engine``; ``tracing``, ``tape`` and ``replay`` repeat what it did the
last time, ``cuda_graph`` repeats all of a step on a GPU. ``compiled`` makes one C++
function (``kernel``) of what is on a tape.
"""
