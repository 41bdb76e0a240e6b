"""Runs one function's handler for Python: loads it, gets events one after another, and answers.

channel.ts says how it speaks with the server.
"""

import datetime
import importlib
import json
import logging
import os
import socket
import struct
import sys
import time
import traceback

env = os.environ
mark = env.pop("TRUNKLINE_MARK", "")
for name in [name for name in env if name.startswith("TRUNKLINE_")]:
    del env[name]
channel = socket.socket(fileno=3)
# What a handler starts has no business there.
channel.set_inheritable(False)
incoming = channel.makefile("rb")
is_json = env.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
request_id = None


def send(head, body=""):
    text, rest = json.dumps(head).encode(), body.encode()
    channel.sendall(struct.pack(">II", len(text), len(rest)) + text + rest)


def next_event():
    lengths = incoming.read(8)
    # The server is gone, or does not want us any more.
    if len(lengths) < 8:
        sys.exit(0)
    head_bytes, body_bytes = struct.unpack(">II", lengths)
    return json.loads(incoming.read(head_bytes)), json.loads(incoming.read(body_bytes))


def end_of_output():
    sys.stdout.flush()
    sys.stderr.flush()
    sys.stdout.write(f"{mark}{request_id}\n")
    sys.stdout.flush()


def described(error):
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
    told = {"errorMessage": str(error), "errorType": getattr(error, "error_type", type(error).__name__)}
    if request_id is not None:
        told["requestId"] = request_id
    told["stackTrace"] = traceback.format_list(own)
    return told


def fail(error):
    told = described(error)
    lines = "".join(told["stackTrace"])
    message = f"[ERROR] {told['errorType']}: {told['errorMessage']}"
    if lines:
        message += "\nTraceback (most recent call last):\n" + lines
    print(message.rstrip("\n").replace("\n", "\r"))
    end_of_output()
    kind = "initError" if request_id is None else "error"
    send({"kind": kind, "requestId": request_id, "errorType": told["errorType"]}, json.dumps(told))


class RuntimeFault(Exception):
    def __init__(self, error_type, message):
        super().__init__(message)
        self.error_type = error_type


def load_handler(text):
    if "." not in text or ".." in text:
        raise RuntimeFault("Runtime.MalformedHandlerName", f"Bad handler '{text}': not enough values to unpack (expected 2, got 1)")
    module_name, function_name = text.rsplit(".", 1)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except SyntaxError as error:
        raise RuntimeFault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}") from error
    except ImportError as error:
        raise RuntimeFault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise RuntimeFault("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'") from None


class Context:
    def __init__(self, head):
        self.aws_request_id = head["requestId"]
        self.function_name = env["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = env["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = env["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = env["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = head["invokedArn"]
        client = head.get("clientContext")
        self.client_context = json.loads(client) if client else None
        self.identity = None
        self._deadline_ms = head["deadlineMs"]

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class Formatter(logging.Formatter):
    """`[LEVEL]\tISO time\trequest id\tmessage`, or JSON."""

    def format(self, record):
        now = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        stamp = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(record.msecs):03d}Z"
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        if is_json:
            line = {"timestamp": stamp, "level": record.levelname, "message": message, "logger": record.name}
            if request_id is not None:
                line["requestId"] = request_id
            return json.dumps(line)
        return f"[{record.levelname}]\t{stamp}\t{request_id}\t{message}".replace("\n", "\r")


handler_of_logs = logging.StreamHandler(sys.stdout)
handler_of_logs.setFormatter(Formatter())
logging.getLogger().addHandler(handler_of_logs)
if is_json and env.get("AWS_LAMBDA_LOG_LEVEL"):
    level = env["AWS_LAMBDA_LOG_LEVEL"]
    logging.getLogger().setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))

sys.path.insert(0, env["LAMBDA_TASK_ROOT"])
try:
    handler = load_handler(env["_HANDLER"])
except BaseException as error:
    fail(error)
    sys.exit(1)


def encode(value):
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


send({"kind": "ready"})
while True:
    try:
        head, event = next_event()
    except OSError:
        sys.exit(0)
    request_id = head["requestId"]
    env["_X_AMZN_TRACE_ID"] = head["traceId"]
    try:
        answer = json.dumps(handler(event, Context(head)), default=encode)
    except Exception as error:
        if isinstance(error, TypeError) and "not JSON serializable" in str(error):
            fault = RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {error}")
            error = fault.with_traceback(None)
        fail(error)
    else:
        end_of_output()
        send({"kind": "response", "requestId": request_id}, answer)
    request_id = None
