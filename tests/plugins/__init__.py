"""A package of somebody else, and what becomes of its members here."""
