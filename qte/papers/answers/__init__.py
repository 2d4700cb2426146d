"""What the four papers ask, or take for granted, and nobody computed: one module `studies_*` a question."""
