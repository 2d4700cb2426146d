"""Pages of docs/ that are made: the API, the figures, what the papers say of them."""
