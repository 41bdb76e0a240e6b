"""Signed requests to the server's own endpoints, by the standard library."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class RefusedError(Exception):
    """The server refused a request of the test kit. The message says which, and why; `code` is the modelled error of an operation."""

    def __init__(self, message: str, status: int, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Connection:
    """An access key of a server, in a Region."""

    def __init__(self, url: str, access_key_id: str, secret_access_key: str, region: str) -> None:
        self.url = url
        self.region = region
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key

    def ask(self, method: str, path: str, body: object | None = None) -> Any:
        """An endpoint below /_trunkline/: ask("POST", "webhooks", {...}). Raises RefusedError."""
        text = self._send(method, path, body)
        return json.loads(text) if text else {}

    def call(self, model: str, operation: str, **members: Any) -> Any:
        """An operation of an API without boto3, by the members of its input: call("connect", "ListUsers", InstanceId=...). Raises RefusedError."""
        return json.loads(self._send("POST", f"api/{model}/{operation}", members))

    def lines(self, path: str) -> list[dict[str, Any]]:
        """The JSON documents of an answer, one a line."""
        return [json.loads(line) for line in self._send("GET", path).splitlines()]

    def _send(self, method: str, path: str, body: object | None = None) -> str:
        url = f"{self.url}/_trunkline/{path}"
        data = None if body is None else json.dumps(body).encode()
        request = AWSRequest(method, url, data=data, headers={"content-type": "application/json"})
        SigV4Auth(Credentials(self.access_key_id, self.secret_access_key), "trunkline", self.region).add_auth(request)
        sent = urllib.request.Request(url, data=data, headers=dict(request.headers), method=method)
        try:
            with _opener.open(sent) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError as error:
            raise _refused(f"{method} /_trunkline/{path}", error.code, error.read().decode()) from None
        except urllib.error.URLError as error:
            told = f"{self.url} does not answer {method} /_trunkline/{path}: has the server been closed?"
            raise ConnectionError(told) from error


# The server is on this machine: no proxy leads there.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _refused(what: str, status: int, text: str) -> RefusedError:
    try:
        answer = json.loads(text)
        code = answer.get("code")
        told = answer.get("error") or answer.get("message")
    except ValueError:
        return RefusedError(f"{what} was answered {status}: {text}", status)
    return RefusedError(f"{what}: {code + ': ' if code else ''}{told}", status, code)
