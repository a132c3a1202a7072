"""Ratios of the product to bare baselines, measured in one run on the embedded servers (`make bench`)."""
