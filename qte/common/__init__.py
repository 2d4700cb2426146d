"""Errors, checks of parameters, files, numbers of 32 digits, roots and maxima: what every other room stands on."""
