"""Machines of the literature beyond the four papers, each with a figure; their studies are the modules `studies_*`."""
