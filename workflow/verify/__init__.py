"""The figures held against the accepted ones."""
