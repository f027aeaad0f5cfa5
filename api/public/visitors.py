"""Who follows a link: a person, or a machine that looks at links before, or instead of, a person.

Scanners of mail servers, previews of messengers and browsers that fetch ahead would count as clicks; they are sent on,
and not counted. What calls itself a browser cannot be told from one: nothing here is a proof.
"""

import re

from starlette.requests import Request

_MACHINES = re.compile(
    r"(google|bing|yandex|apple|twitter|linkedin|slack|telegram|discord|duckduck|petal|ahrefs|semrush|mj12|dot|naver|"
    r"pinterest|facebook|meta|gpt|claude|amazon|cc|seznam|exa|line)bot\b|adsbot-google|slackbot-linkexpanding|"
    r"crawler|baiduspider|slurp|skypeuripreview|kakaotalk-scrap|facebookexternalhit|whatsapp/|embedly|"
    r"yeti/|daumoa|microsoftpreview|bingpreview|"
    r"barracuda|mimecast|proofpoint|urldefense|safelinks|trendmicro|symantec|forcepoint|fireeye|sophos|ironport|"
    r"headless|curl/|wget/|python-|go-http-client|java/|libwww|apache-httpclient|node-fetch|axios/|okhttp|uptimerobot|pingdom|statuscake",
    re.IGNORECASE,
)
_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def is_person(request: Request) -> bool:
    """Whether to count this as somebody's doing."""
    agent = request.headers.get("user-agent", "")
    if request.method != "GET" or not agent or _MACHINES.search(agent):
        return False
    return not any(re.search("prefetch|preview|prerender", request.headers.get(name, "")) for name in _AHEAD)
