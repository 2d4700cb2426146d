"""Words and formulas as HTML: Markdown, TeX, notebooks, the marks of verdicts."""
