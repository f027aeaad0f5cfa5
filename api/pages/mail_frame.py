"""An e-mail in a frame of the console: HTML that may load pictures, run nothing and lead nowhere."""

import re

_SCHEME = re.compile(r"\(prefers-color-scheme:\s*dark\)")
POLICY = (
    # An e-mail under this page's eyes: pictures may be loaded, for one's own shop sends it; scripts may not run.
    "sandbox{more}; default-src 'none'; img-src https: data: {own}; style-src 'unsafe-inline'; font-src https:; "
    "frame-ancestors 'self'"
)


def frame_headers(public_url: str, *, watched: bool = False) -> dict[str, str]:
    """Headers of the answer. Pictures of the library are shown by whatever scheme we are reached.

    ``watched``: the page around the frame may see what is clicked on; nothing runs in the frame all the same.
    """
    more = " allow-same-origin" if watched else ""
    policy = POLICY.replace("{own}", f"{public_url}/media/").replace("{more}", more)
    return {"content-security-policy": policy, "referrer-policy": "no-referrer"}


def in_scheme(html: str, *, dark: bool) -> str:
    """The e-mail as a screen in the dark, or in the light, shows it, whatever the reader's own is."""
    return _SCHEME.sub("all" if dark else "not all", html)
