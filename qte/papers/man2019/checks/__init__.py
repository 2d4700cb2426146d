"""What judges the entries of man2019; their words are in ``claims.yaml``."""
