"""What the Runs panel is made of: the scanner, the table's model, its dialogs."""
