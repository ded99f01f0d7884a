"""What to train next and what it will take: sweeps, forecasts, timings.

It uses ``training`` and what is below it.
Begin with ``sweep``; ``footprint`` reckons a run's size, ``room`` whether it fits
into memory, ``trial`` measures a step, ``expectation`` says how long it all takes.
"""
