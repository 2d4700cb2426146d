"""The machines and limits that the questions ask about, where the library has none of the kind."""
