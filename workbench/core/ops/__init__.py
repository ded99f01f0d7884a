"""Layers' operations with fast derivatives of every order, for CPUs.

It uses torch alone, and nothing of the workbench.
Begin with ``batch_norm``: one operation, its derivative, and the derivative's own.
"""
