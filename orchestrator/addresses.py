"""Hosts, addresses and networks as people write them."""

import re
from ipaddress import ip_address, ip_network


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`; a name other than localhost is taken as reachable from elsewhere."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_host_or_network(entry: str) -> bool:
    """Whether this is a host's name, an address, or a network in CIDR notation; not a URL, and no port."""
    try:
        ip_network(entry, strict=False)
    except ValueError:
        labels = entry.rstrip(".").split(".")
        return not labels[-1].isdecimal() and all(re.fullmatch(r"[A-Za-z0-9_]([\w-]{0,62})", label) for label in labels)
    return True
