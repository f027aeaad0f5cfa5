"""Customers enter a journey because somebody asks: by name, or by a list."""
