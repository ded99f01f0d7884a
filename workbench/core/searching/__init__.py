"""Searches over values of a configuration's fields: which to try next, and give up.

It uses ``config`` and ``base``, and Optuna (the extra ``sweep``) where it is asked for
values. Begin with ``search``; ``space`` says what may be chosen, ``sampling`` chooses,
``pruning`` gives up what is worse than others, ``journal`` tells Optuna's own tools.
"""
