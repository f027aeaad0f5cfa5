"""Drivers of the step function over a virtual clock: simulation, test runs, forecasts; and runs told in words."""
