"""Distributions of talk, wrap-up, patience and delay: sampling, survival curves and fitting."""
