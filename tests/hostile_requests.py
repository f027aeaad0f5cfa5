# ruff: noqa: E501, UP031 - requests are written as they are sent
"""Requests that nobody should send: the corpus that every door of the API has to answer quickly, and never with a 5xx.

Each is raw (method, target, headers, body), as a client that respects nothing would write it. ``tests/api`` sends all of
them to the application in this process, ``tests/live`` to a real server while a neighbour goes on tracking.
"""

import base64
import json
from collections.abc import Iterator
from typing import NamedTuple

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY


class Hostile(NamedTuple):
    """One request. ``name`` says what is wrong with it."""

    name: str
    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


WRITE_KEY = (b"authorization", b"Basic " + base64.b64encode(f"{DEV_WRITE_KEY}:".encode()))
TOKEN = (b"authorization", f"Bearer {DEV_ADMIN_TOKEN}".encode())
FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/json")

SEGMENTS = [b"%00", b"a%00b", b"%ED%A0%80", b"%FF", b"x" * 5000, b"%2e%2e%2f%2e%2e%2fetc%2fpasswd", b"%F0%9F%92%A9",
            b"99999999999999999999999999", b"-1", b"%0d%0aSet-Cookie:a", b"[::1", b"..;", b"%", b"%zz",
            b"%E2%80%AE", b"__proto__", b"00000000-0000-0000-0000-000000000000"]  # fmt: skip
DOORS = ["/", "/{}", "/static/{}", "/static/words/{}.json", "/static/build/{}", "/u/{}", "/p/{}", "/s/{}", "/s/{}/coupon", "/a/{}", "/l/{}",
         "/o/{}.gif", "/welcome/{}", "/customers/{}", "/journeys/{}", "/runs/{}", "/outbox/{}", "/templates/{}",
         "/surveys/{}", "/coupons/{}", "/api/journeys/{}", "/api/journeys/x/versions/{}", "/api/customers/{}",
         "/api/runs/{}", "/api/coupons/{}", "/api/message-templates/{}", "/api/surveys/{}", "/v1/{}", "/v1/messages/{}/seen",
         "/callbacks/{}", "/docs/{}", "/shop/{}"]  # fmt: skip
"""Addresses; ``{}`` is where a stranger's segment goes."""
QUERIES = ["next", "done", "limit", "cursor", "customer", "lang", "q", "step", "journey", "status", "since", "version"]

HEADERS: dict[bytes, list[bytes]] = {
    b"host": [b"[::1", b"[::1]]", b"a b", b"http://x", b"localhost:99999999", b"localhost:x", b"\xff", b"[", b"a@b:c",
              b"x" * 5000, b"[v1.x]", b"evil.example"],
    b"origin": [b"http://[", b"http://[::1", b"null", b"\xff", b"//", b"http://]["],
    b"referer": [b"http://[", b"\xff"],
    b"accept-language": [b"q=nan", b"ko;q=1e999,en;q=-inf", b";;;,," * 1000, b"\xff", b"a-" * 3000, b"ko;q=nan,en;q=nan",
                         b"ko;q=" + b"9" * 5000],
    b"accept": [b"\xff", b"q=;" * 1000],
    b"accept-encoding": [b"gzip;q=nan", b"\xff", b"," * 5000],
    b"cookie": [b"sojourn_session=\xff", b";=;=;", b"sojourn_session=" + b"a" * 90, b"=", b'sojourn_session="\\377\\000"',
                b"sojourn_language=[;sojourn_theme=]", b"a=" * 3000],
    b"authorization": [b"", b"Bearer", b"Bearer \xff", b"Basic \xff", b"Basic =========", b"Bearer  ", b"Bearer sjn_\xff",
                       b"Basic " + base64.b64encode(b"\xff\x00:"), b"Basic " + base64.b64encode(b":" * 5000)],
    b"content-type": [b"", b"a/b/c;;;=", b"multipart/form-data", b"application/json; charset=bogus", b"\xff",
                      b"multipart/form-data; boundary=" + b"-" * 3000, b"application/x-www-form-urlencoded; charset=utf-7"],
    b"content-encoding": [b"\xff", b"gzip, gzip", b"br", b"gzip"],
    b"x-forwarded-for": [b"[", b",,,", b"\xff", b"1.2.3.4:x", b"unknown", b"1.2.3.4," * 1000],
    b"x-forwarded-proto": [b"\xff", b"javascript"],
    b"if-none-match": [b'"', b"\xff"],
    b"if-match": [b"[", b"*", b'W/"1"', b"\xff", b'"99999999999999999999999"'],
    b"if-modified-since": [b"Thu, 99 Foo 99999 99:99:99 GMT", b"\xff"],
    b"range": [b"bytes=a-b", b"bytes=9999999-", b"bytes=-", b"bytes=" + b"0-0," * 1000],
    b"last-event-id": [b"\xff", b"9" * 500],
    b"x-csrf-token": [b"\xff", b"x" * 3000],
}  # fmt: skip
READING = [("GET", b"/"), ("GET", b"/sign-in"), ("POST", b"/sign-in"), ("GET", b"/setup"), ("GET", b"/api/me"), ("PUT", b"/api/journeys/x"),
           ("POST", b"/v1/track"), ("POST", b"/v1/messages"), ("POST", b"/language"), ("GET", b"/static/console.js"),
           ("GET", b"/u/x"), ("GET", b"/s/x"), ("POST", b"/callbacks/x")]  # fmt: skip

FORMS = [b"&".join(b"a%d=1" % n for n in range(101)), b"%", b"a=%ff%00", b"\xff\xfe", b"&" * 60_000, b"=" * 60_000,
         b"email=a%00&password=%00&token=%00&name=%00", b"next=//evil.example&email=" + b"a" * 60_000,
         b"next=http://[::1&language=ko", b"csrf=%ff&csrf=\xff"]  # fmt: skip
FORM_DOORS = [b"/sign-in", b"/setup", b"/welcome/x", b"/language", b"/theme", b"/sign-out", b"/settings/name",
              b"/settings/password", b"/settings/people", b"/settings/tokens", b"/u/x", b"/p/x", b"/s/x", b"/a/x"]  # fmt: skip


def _array(levels: int) -> str:
    return "[" * levels + "]" * levels


def _object(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


_TIMES = ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
          "1900-01-01", "9899-12-31T23:59:59Z", "-1", "1e999", "10000-01-01T00:00:00Z", "٢٠٢٦-٠١-٠١", ""]  # fmt: skip
BODIES: dict[str, str] = {
    "arrays, 300 levels": _array(300),
    "arrays, 100,000 levels": _array(100_000),
    "objects, 300 levels": _object(300),
    "properties, 300 levels": '{"userId":"u","event":"e","properties":{"a":%s}}' % _array(300),
    "keys of a device, 300 levels": '{"anonymousId":"a","subscription":{"endpoint":"https://x","keys":{"p256dh":"x","auth":"y","z":%s}}}'
    % _array(300),
    "a token, 300 levels": '{"anonymousId":"a","token":%s}' % _array(300),
    "traits, 260 levels": '{"userId":"u","groupId":"g","traits":%s}' % _object(260),
    "traits of a context, 260 levels": '{"userId":"u","event":"x","context":{"traits":%s}}' % _object(260),
    "a batch of arrays": '{"batch":%s}' % _array(300),
    "a batch of objects": '{"batch":[%s]}' % _object(300),
    "an endpoint that is no URL": '{"anonymousId":"a","subscription":{"endpoint":"http://[::1","keys":{"p256dh":"x","auth":"y"}}}',
    "an endpoint with a port beyond ports": '{"anonymousId":"a","subscription":{"endpoint":"https://x:99999999","keys":{"p256dh":"x","auth":"y"}}}',
    "NUL in ids": '{"userId":"a\\u0000b","anonymousId":"\\u0000","event":"e"}',
    "half an emoji": '{"anonymousId":"\\ud800","event":"\\ud800"}',
    "a number of 5,000 digits as id": '{"userId":%s,"event":"x"}' % ("9" * 5000),
    "a number of 5,000 digits": '{"userId":"u","event":"e","properties":{"n":%s}}' % ("9" * 5000),
    "a number close to nothing": '{"userId":"u","event":"e","properties":{"n":1e-99999999}}',
    "a number beyond all": '{"userId":"u","event":"e","properties":{"n":1e999}}',
    "infinity as id": '{"userId":1e999,"event":[]}',
    "a telephone number of 300 characters": '{"userId":"u","traits":{"phone":"%s"}}' % ("+8" * 150),
    "a zone that is a path": '{"userId":"u","traits":{"timezone":"../../etc/passwd"}}',
    "a zone that is NUL": '{"userId":"u","traits":{"timezone":"\\u0000","locale":"\\u0000","email":"\\u0000@x"}}',
    "names of a prototype": '{"userId":"u","event":"__proto__","properties":{"__proto__":{"a":1},"constructor":1}}',
    "a click on an address that is none": '{"anonymousId":"a","url":"http://[::1"}',
    "fields of other types": '{"userId":[],"anonymousId":{},"event":true,"batch":1,"writeKey":[],"context":7,"timestamp":{}}',
    "ten thousand names": json.dumps({"userId": "u", "event": "e", "properties": {f"n{n}": n for n in range(10_000)}}),
    "a batch of nothing": '{"batch":[null,1,"x",[],{},true]}',
    "no JSON": "{",
    "no text": "\ufeff",
    **{
        f"{name} at {moment!r}, sent at {sent!r}": json.dumps(
            {"userId": "u", "event": "e", name: moment, "sentAt": sent}
        )
        for name in ("timestamp", "originalTimestamp")
        for moment in _TIMES
        for sent in ("4001-01-01T00:00:00Z", "1901-01-01T00:00:00Z", "9899-12-31T23:59:59Z")
    },
}  # fmt: skip
BODY_DOORS = [b"/v1/track", b"/v1/identify", b"/v1/group", b"/v1/alias", b"/v1/page", b"/v1/batch", b"/v1/messages", b"/v1/devices",
              b"/v1/messages/00000000-0000-0000-0000-000000000000/clicked", b"/callbacks/solapi", b"/callbacks/nhn"]  # fmt: skip
GZIP_BOMB = base64.b64decode("H4sIAAAAAAAC/+3BAQ0AAADCoPdPbQ8HFAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")


def requests() -> Iterator[Hostile]:
    """All of them; those that touch the admin API come with its token, so that more than its door is tried."""
    yield from _addresses()
    for header, values in HEADERS.items():
        for value in values:
            for method, target in READING:
                body = b"a=1" if method != "GET" else b""
                yield Hostile(f"{header.decode()}: {value[:30]!r}", method, target, ((header, value),), body)
    for form in FORMS:
        for target in FORM_DOORS:
            yield Hostile(f"form {form[:30]!r}", "POST", target, (FORM,), form)
    for name, written in BODIES.items():
        sent = written.encode("utf-8", "surrogatepass")
        for target in BODY_DOORS[:1] if " sent at " in name else BODY_DOORS:
            yield Hostile(name, "POST", target, (WRITE_KEY, JSON), sent)
        yield Hostile(f"{name}, in a batch", "POST", b"/v1/batch", (WRITE_KEY, JSON), b'{"batch":[' + sent + b"]}")
    packed = (WRITE_KEY, (b"content-encoding", b"gzip"))
    yield Hostile("gzip that does not end", "POST", b"/v1/batch", packed, GZIP_BOMB)


def _addresses() -> Iterator[Hostile]:
    for door in DOORS:
        for segment in SEGMENTS if "{}" in door else [b""]:
            target = door.encode().replace(b"{}", segment)
            yield Hostile(f"{segment[:20]!r} in {door}", "GET", target)
            if door.startswith("/api"):
                yield Hostile(f"{segment[:20]!r} in {door}, with a token", "GET", target, (TOKEN,))
    for name in QUERIES:
        for segment in SEGMENTS:
            for asked in (b"/sign-in", b"/api/runs", b"/api/entries", b"/s/x"):
                target = asked + b"?" + name.encode() + b"=" + segment
                yield Hostile(f"{name}={segment[:20]!r}", "GET", target, (TOKEN,))
