"""Pictures by class: read from anywhere, kept once, drawn into episodes.

It uses ``learning`` and ``base``.
Begin with ``store``, which keeps the pictures of a data set, and ``image_family``,
which draws episodes from them; ``files``, ``folders`` and ``unpickling`` read what
strangers made.
"""
