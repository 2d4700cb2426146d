"""Man, Tavakoli, Brask, Hu, Xia: entanglement with a common reservoir, Phys. Scr. 94, 075101 (2019)."""
