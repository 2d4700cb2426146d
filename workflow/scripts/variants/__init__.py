"""Variants: the figures under changed numbers, in a folder of their own, beside the standard ones."""
