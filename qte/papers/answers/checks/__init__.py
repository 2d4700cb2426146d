"""What judges the answers by two methods each; their words are in ``claims.yaml``."""
