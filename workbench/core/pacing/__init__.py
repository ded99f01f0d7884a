"""How fast a run goes: what each part of it takes, and what is left."""
