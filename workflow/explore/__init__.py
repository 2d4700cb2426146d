"""Live figures: a figure's tables computed anew while one turns its parameters, on a page in the browser."""
