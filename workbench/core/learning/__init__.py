"""One task in the papers' words: episode, model, objective, inner loop, learner.

It uses ``ops`` and ``base``; nothing here knows of meta-batches, files or runs.
Begin with ``meta_learner``: what a learner says of one task is all that the rest
needs; ``task_family`` says the same of tasks, ``model`` of models. ``looks`` follows
an adaptation step by step.
"""
