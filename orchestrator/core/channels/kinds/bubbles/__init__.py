"""The eight bubbles of a Brand Message: what each has, how much of it, and what is wrong with one."""
