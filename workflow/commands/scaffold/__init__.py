"""What `new_figure` writes: templates, and the place in the config where an entry goes."""
