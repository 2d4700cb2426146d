"""What a result is made by, found by content: sources, their imports, byte code, the machine and its pins."""
