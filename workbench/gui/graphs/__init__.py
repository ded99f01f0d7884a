"""What plots are made of: axes, curves' buffers, crosshair, legend, export.

It uses ``look``. Begin with ``plot``, what a plot is, and ``series``, what it draws.
"""
