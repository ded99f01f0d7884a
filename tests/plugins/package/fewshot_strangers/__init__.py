"""Members that a package of somebody else adds to the workbench."""
