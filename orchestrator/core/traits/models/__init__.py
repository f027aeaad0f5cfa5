"""Models of buying: how often, how long, how much. They import numpy and scipy, so they are imported where they run."""
