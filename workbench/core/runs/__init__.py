"""A run's folder, the interface between what trains and what watches; and many.

It uses ``config``, ``learning`` and ``base``.
Begin with ``store`` and ``events``; ``evaluations`` is all there is of a test;
``traces`` is what a folder tells of its run besides, and ``rebuilding`` makes a lost
run.json anew of it; ``row``, ``index``, ``filter`` and ``search`` find one run among
ten thousand, and ``export`` and ``bundle`` take it elsewhere.
"""
