"""A bucket of S3, as far as pictures need one: objects are put, got and deleted, signed with Signature Version 4."""

import re

from tests.protocol_servers.http import HttpServer, Request, Response

KEY_ID = "AKIA-OF-THE-TEST"
_SIGNED = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={KEY_ID}/\d{{8}}/[\w-]+/s3/aws4_request, ?SignedHeaders=\S+, ?Signature="
)


class S3(HttpServer):
    """Keeps objects by path; whoever does not sign as its one key is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}

    async def respond(self, request: Request) -> Response:
        """What S3 says."""
        if not _SIGNED.match(request.headers.get("authorization", "")):
            return Response(b"<Error><Code>AccessDenied</Code></Error>", 403, {"content-type": "application/xml"})
        match request.method:
            case "PUT":
                self.objects[request.path] = request.body
                self.types[request.path] = request.headers.get("content-type", "")
                return Response(b"", 200, {"etag": '"1"'})
            case "GET" if request.path in self.objects:
                headers = {"etag": '"1"', "last-modified": "Mon, 02 Mar 2026 00:00:00 GMT", "content-type": "image/png"}
                return Response(self.objects[request.path], 200, headers)
            case "POST" if "delete" in request.query:  # several at once, as clients delete one too
                keys = re.findall(r"<Key>([^<]+)</Key>", request.body.decode())
                for key in keys:
                    self.objects.pop(f"{request.path.rstrip('/')}/{key}", None)
                told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
                body = f"<DeleteResult>{told}</DeleteResult>".encode()
                return Response(body, 200, {"content-type": "application/xml"})
        return Response(b"<Error><Code>NoSuchKey</Code></Error>", 404, {"content-type": "application/xml"})
