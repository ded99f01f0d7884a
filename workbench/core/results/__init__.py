"""What was measured, in words, tables and reports, beside what was published.

It uses ``training`` and what is below it, and ``drawing``.
Begin with ``statistics``; ``seeds`` and ``comparison`` say which runs count and
whether they differ, ``results_table`` and ``report`` print it.
"""
