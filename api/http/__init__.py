"""What every endpoint shares: access, bodies, problems, lists, throttling."""
