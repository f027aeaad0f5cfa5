"""E-mail addresses of the workspace's own people."""


def plausible_email(given: str) -> bool:
    """Whether it looks like an address; whether it is one shows when somebody writes to it."""
    name, _, host = given.rpartition("@")
    return bool(name) and "." in host and len(given) <= 254 and given.isprintable() and " " not in given
