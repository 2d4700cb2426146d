"""A variant beside the standard: the numbers compared, and their page."""
