"""One episode to be looked at: its examples, the answers, and a picture of it.

It uses ``training`` and what is below it, and ``drawing``.
Begin with ``shown_episode``.
"""
