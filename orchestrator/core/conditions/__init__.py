"""Conditions over a customer and the event in scope: the tree, its evaluation in memory, its words."""
