"""The time zones that the code knows by name: the workspace's until somebody chooses another, and those of Korea."""

DEFAULT_ZONE = "Asia/Seoul"
"""Of a workspace that chose none. Histories and plans leave it out where it holds, so it can never change."""
KOREAN_ZONES = frozenset({DEFAULT_ZONE, "ROK"})
"""IANA names of the one zone in which Korea's law holds."""
