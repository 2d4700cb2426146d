"""What people write: config.yaml, overlays and notebooks, read strictly; what is wrong is refused with its line."""
