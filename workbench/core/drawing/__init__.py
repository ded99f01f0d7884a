"""Ink, letters and curves: what is drawn without a window.

It uses nothing of the workbench. Begin with ``strokes``, from which a character's
picture is made; ``glyph_alphabets`` invents characters, and ``svg_plot`` draws a
report's curves.
"""
