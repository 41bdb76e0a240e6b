"""Starts servers, and is what tests know of one."""

from __future__ import annotations

import atexit
import datetime
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, TextIO

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import UnknownServiceError

from .centre import Centre, open_centre
from .connection import Connection
from .waiting import Duration

READY_SECONDS = 60
ACCOUNTS = {"test": "000000000000", "other": "111122223333"}


class Clock:
    """The contact centre's clock. A manual one stands still until it is moved."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_manual: bool = connection.ask("GET", "clock")["mode"] == "manual"

    def now(self) -> datetime.datetime:
        """Where it stands."""
        return _time(self._connection.ask("GET", "clock")["now"])

    def advance(self, duration: Duration) -> datetime.datetime:
        """Moves a manual clock by a timedelta or an ISO 8601 duration ("PT2M"), and is over when all that follows has happened."""
        return self._move({"advance": _iso(duration)})

    def advance_to(self, time: str | datetime.datetime) -> datetime.datetime:
        """The same, to a time."""
        return self._move({"to": time if isinstance(time, str) else time.isoformat()})

    def settle(self) -> None:
        """Waits until what has been caused so far has happened, without moving a manual clock. A real one is not waited for."""
        if self.is_manual:
            self._move({"advance": "PT0S"})

    def _move(self, body: dict[str, str]) -> datetime.datetime:
        answer = self._connection.ask("POST", "clock", body)
        if answer["running"]:
            raise RuntimeError(f"This does not come to rest: {answer['running']}")
        return _time(answer["now"])


def _iso(duration: Duration) -> str:
    return duration if isinstance(duration, str) else f"PT{duration.total_seconds():.3f}S"


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Trunkline:
    """A server as one access key sees it, in one Region."""

    def __init__(
        self,
        url: str,
        access_key_id: str = "test",
        secret_access_key: str | None = None,
        region: str = "us-east-1",
        process: subprocess.Popen[str] | None = None,
    ) -> None:
        self.url = url
        self.region = region
        self.connection = Connection(url, access_key_id, secret_access_key or access_key_id, region)
        self.clock = Clock(self.connection)
        self._process = process
        self._clients: dict[str, Any] = {}
        self._seen: list[Trunkline] = []

    def client(self, service: str) -> Any:
        """A boto3 client, made when it is first asked for: client("kinesis"). Raises ValueError for a service that this boto3 does not know."""
        if service not in self._clients:
            self._clients[service] = _client_of(self.connection, service)
        return self._clients[service]

    def as_(self, access_key_id: str, region: str | None = None) -> Trunkline:
        """The same server, with another of its access keys or in another Region."""
        seen = Trunkline(self.url, access_key_id, None, region or self.region)
        self._seen.append(seen)
        return seen

    def centre(
        self,
        queues: Sequence[str] = ("support",),
        agents: Sequence[str | Mapping[str, Any]] = ("anna",),
        flow: str | Mapping[str, Any] | None = None,
        language: str = "en-US",
        alias: str = "centre",
    ) -> Centre:
        """A contact centre: an instance with queues that are always open, agents who serve them, and streams.

        An agent is a user name, or a dict with `name` and, as one likes, `queues`, `auto_accepts` and `after_contact_seconds`.
        `flow` is a flow of yours, as a dict or a text in which {{queue:NAME}} is a queue's id.
        """
        return open_centre(self, queues=queues, agents=agents, flow=flow, language=language, alias=alias)

    def reset(self) -> None:
        """Throws all data away and begins anew, with the clock at the present."""
        self.connection.ask("POST", "reset")

    def close(self) -> None:
        """Ends it, where this process has started it."""
        for seen in self._seen:
            seen.close()
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        if self._process is not None:
            _end(self._process)
            self._process = None

    def __enter__(self) -> Trunkline:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


def start_trunkline(
    clock: str = "manual",
    region: str = "us-east-1",
    accounts: Mapping[str, str] | None = None,
    flags: Sequence[str] = (),
    init: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    command: str | Sequence[str] | None = None,
    url: str | None = None,
) -> Trunkline:
    """Starts a server as a child process on a free port, in memory, and answers once it is ready. It ends with this process
    at the latest, even if that is killed.

    `command` starts it: a text such as "npx trunkline", or a list. Without it, that of the variable TRUNKLINE_COMMAND is taken, then
    the `trunkline` that the project (this folder or one above) or the machine has, then `npx trunkline`. With `url`, or the
    variable TRUNKLINE_URL, the server that runs there is taken, and is not ended.

    `init` is a file of resources (docs/init.md) that are there from the start, and again after each reset.

    `environment` are more variables that trunkline start reads; those of this process do not count.

    `accounts` are accounts by access key, whose secret is the same text; the first is that of the clients. Raises RuntimeError
    with what the server said where it does not start.
    """
    running = url or os.environ.get("TRUNKLINE_URL")
    known = accounts or ACCOUNTS
    access_key_id = next(iter(known))
    if running:
        return Trunkline(running.rstrip("/"), access_key_id, None, region)
    resources = [] if init is None else ["--init", os.fspath(init)]
    own = ["start", "--until-stdin-ends", "--port", "0", "--data", ":memory:", "--clock", clock, "--log-level", "error"]
    own += [*resources, *flags]
    rows = "".join(f"{key}, {key}, {account}\n" for key, account in known.items())
    inherited = {name: value for name, value in os.environ.items() if not re.match("TRUNKLINE_|AWS_|NODE_OPTIONS$", name)}
    process = subprocess.Popen(
        [*_command(command), *own],
        env={**inherited, "TRUNKLINE_CREDENTIALS": rows, "AWS_REGION": region, **(environment or {})},
        # The pipe is what tells it that this process is gone, also where that is killed.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # npx starts a shell, and that the server: they are ended together.
        start_new_session=True,
    )
    atexit.register(_end, process)
    return Trunkline(_url_of(process), access_key_id, None, region, process)


def _client_of(connection: Connection, service: str) -> Any:
    try:
        client = boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=connection.url,
            region_name=connection.region,
            aws_access_key_id=connection.access_key_id,
            aws_secret_access_key=connection.secret_access_key,
            config=Config(retries={"max_attempts": 0}, proxies={}, s3={"addressing_style": "path"}),
        )
    except UnknownServiceError:
        raise ValueError(_too_old(f"service {service}")) from None

    def missing(event_name: str, **_: Any) -> None:
        name = event_name.rsplit(".", 1)[-1]
        if not name.startswith("_"):
            raise AttributeError(_too_old(f"{name} of {service}"))

    # What a client lacks is asked for by an event.
    client.meta.events.register(f"getattr.{client.meta.service_model.service_id.hyphenize()}", missing)
    return client


def _too_old(what: str) -> str:
    return (
        f"boto3 {boto3.__version__} (botocore {botocore.__version__}) knows no {what}: take a newer boto3, or "
        "trunkline.connection.call(MODEL, OPERATION, ...), which needs none"
    )


def _command(given: str | Sequence[str] | None) -> list[str]:
    given = given or os.environ.get("TRUNKLINE_COMMAND")
    if given:
        return shlex.split(given) if isinstance(given, str) else list(given)
    folder = os.getcwd()
    while True:
        local = os.path.join(folder, "node_modules", ".bin", "trunkline")
        if os.path.exists(local):
            return [local]
        if os.path.dirname(folder) == folder:
            break
        folder = os.path.dirname(folder)
    found = shutil.which("trunkline")
    return [found] if found else ["npx", "trunkline"]


def _url_of(process: subprocess.Popen[str]) -> str:
    timer = threading.Timer(READY_SECONDS, _end, [process])
    timer.start()
    said = ""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            said += line
            found = re.search(r"ready at (http:\S+)", line)
            if found:
                # What it says later is passed on, so that the pipe is never full.
                threading.Thread(target=_pass_on, args=[process.stdout], daemon=True).start()
                return found[1]
    finally:
        timer.cancel()
    process.wait()
    raise RuntimeError(f"The server has ended before it was ready: {said.strip()}")


def _pass_on(lines: TextIO) -> None:
    for line in lines:
        # Of its log; the rest of its greeting is no news.
        if line.startswith("{"):
            sys.stderr.write(line)


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
