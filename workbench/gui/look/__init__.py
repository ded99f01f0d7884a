"""How things look: theme, colours, icons, and widgets that know of nothing.

It uses no other package of the window. Begin with ``theme``.
"""
