"""One file per channel: what is true of it whoever carries it, and the form of its words."""
