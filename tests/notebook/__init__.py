"""The notebook's face, used as a notebook or a script would."""
