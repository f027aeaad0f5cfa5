"""Erasing people over HTTP, and handing out everything that is known of one."""
