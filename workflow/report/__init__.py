"""The report: static pages that show every figure, table, notebook and verdict (results/report)."""
