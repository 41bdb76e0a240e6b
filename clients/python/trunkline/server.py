"""Starts servers, and is what tests know of one."""

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

import boto3
from botocore.config import Config

from .centre import open_centre
from .connection import Connection

READY_SECONDS = 60
ACCOUNTS = {"test": "000000000000", "other": "111122223333"}


class Clock:
    """The contact centre's clock. A manual one stands still until it is moved."""

    def __init__(self, connection):
        self._connection = connection
        self.is_manual = connection.ask("GET", "clock")["mode"] == "manual"

    def now(self):
        return _time(self._connection.ask("GET", "clock")["now"])

    def advance(self, duration):
        """Moves a manual clock by a timedelta or an ISO 8601 duration ("PT2M"), and is over when all that follows has happened."""
        return self._move({"advance": _iso(duration)})

    def advance_to(self, time):
        return self._move({"to": time if isinstance(time, str) else time.isoformat()})

    def settle(self):
        """Waits until what has been caused so far has happened, without moving a manual clock. A real one is not waited for."""
        if self.is_manual:
            self._move({"advance": "PT0S"})

    def _move(self, body):
        answer = self._connection.ask("POST", "clock", body)
        if answer["running"]:
            raise RuntimeError(f"This does not come to rest: {answer['running']}")
        return _time(answer["now"])


def _iso(duration):
    return duration if isinstance(duration, str) else f"PT{duration.total_seconds():.3f}S"


def _time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Trunkline:
    """A server as one access key sees it, in one Region."""

    def __init__(self, url, access_key_id="test", secret_access_key=None, region="us-east-1", process=None):
        self.url = url
        self.region = region
        self.connection = Connection(url, access_key_id, secret_access_key or access_key_id, region)
        self.clock = Clock(self.connection)
        self._process = process
        self._clients = {}

    def client(self, service):
        """A boto3 client, made when it is first asked for: client("kinesis")."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=self.region,
                aws_access_key_id=self.connection.access_key_id,
                aws_secret_access_key=self.connection.secret_access_key,
                config=Config(retries={"max_attempts": 0}, proxies={}, s3={"addressing_style": "path"}),
            )
        return self._clients[service]

    def as_(self, access_key_id, region=None):
        """The same server, with another of its access keys or in another Region."""
        return Trunkline(self.url, access_key_id, None, region or self.region)

    def centre(self, queues=("support",), agents=("anna",), flow=None, language="en-US", alias="centre"):
        """A contact centre: an instance with queues that are always open, agents who serve them, and streams.

        An agent is a user name, or a dict with `name` and, as one likes, `queues`, `auto_accepts` and `after_contact_seconds`.
        `flow` is a flow of yours, as a dict or a text in which {{queue:NAME}} is a queue's id.
        """
        return open_centre(self, queues=queues, agents=agents, flow=flow, language=language, alias=alias)

    def reset(self):
        """Throws all data away and begins anew, with the clock at the present."""
        self.connection.ask("POST", "reset")

    def close(self):
        """Ends it, where this process has started it."""
        for client in self._clients.values():
            client.close()
        self._clients = {}
        if self._process is not None:
            _end(self._process)
            self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def start_trunkline(clock="manual", region="us-east-1", accounts=None, flags=(), command=None, url=None):
    """Starts a server as a child process on a free port, in memory, and answers once it is ready. It ends with this process at the latest.

    `command` starts it: a text such as "npx trunkline", or a list. Without it, that of the variable TRUNKLINE_COMMAND is taken, then
    the `trunkline` that the project (this folder or one above) or the machine has, then `npx trunkline`. With `url`, or the
    variable TRUNKLINE_URL, the server that runs there is taken, and is not ended.

    `accounts` are accounts by access key, whose secret is the same text; the first is that of the clients. Raises RuntimeError
    with what the server said where it does not start.
    """
    running = url or os.environ.get("TRUNKLINE_URL")
    known = accounts or ACCOUNTS
    access_key_id = next(iter(known))
    if running:
        return Trunkline(running.rstrip("/"), access_key_id, None, region)
    own = ["start", "--port", "0", "--data", ":memory:", "--clock", clock, "--log-level", "error", *flags]
    rows = "".join(f"{key}, {key}, {account}\n" for key, account in known.items())
    inherited = {name: value for name, value in os.environ.items() if not re.match("TRUNKLINE_|AWS_|NODE_OPTIONS$", name)}
    process = subprocess.Popen(
        [*_command(command), *own],
        env={**inherited, "TRUNKLINE_CREDENTIALS": rows},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # npx starts a shell, and that the server: they are ended together.
        start_new_session=True,
    )
    atexit.register(_end, process)
    return Trunkline(_url_of(process), access_key_id, None, region, process)


def _command(given):
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
    return [shutil.which("trunkline")] if shutil.which("trunkline") else ["npx", "trunkline"]


def _url_of(process):
    timer = threading.Timer(READY_SECONDS, _end, [process])
    timer.start()
    said = ""
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


def _pass_on(lines):
    for line in lines:
        # Of its log; the rest of its greeting is no news.
        if line.startswith("{"):
            sys.stderr.write(line)


def _end(process):
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
