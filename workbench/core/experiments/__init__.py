"""The papers' tables and figures, each an experiment: its runs, and a page of them.

It uses ``planning``, ``results`` and what is below them. An experiment is a TOML file.
Begin with ``experiment``, which says what stands in one; ``reading`` finds them,
``standing`` says which of its runs are there, ``page`` draws what came of them.
"""
