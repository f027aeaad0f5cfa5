"""The mathematics behind the figures of experiments, each with its source: boundaries, chances, checks of shares."""
