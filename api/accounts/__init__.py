"""Who asks: the current actor, passwords, and the `sojourn user` command."""
