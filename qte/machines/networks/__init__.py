"""Networks of many parts that moments describe."""
