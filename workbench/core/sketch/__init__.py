"""Drawn characters and the learners that answer about them, without a window.

It uses ``training`` and what is below it, and ``drawing``.
Begin with ``session``: classes, their drawings, and a query; ``answers`` asks.
"""
