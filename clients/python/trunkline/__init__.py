"""A server for tests, callers and agents, a clock that is moved, and assertions that wait and tell why nothing matched."""

from .centre import Centre
from .connection import Connection, RefusedError
from .expectations import (
    Record,
    expect_case,
    expect_delivery,
    expect_event,
    expect_invocation,
    expect_log,
    expect_message,
    expect_no_event,
    expect_no_invocation,
    expect_no_message,
    expect_no_record,
    expect_profile,
    expect_record,
    expect_rule,
)
from .people import Agent, Contact
from .server import Clock, Trunkline, start_trunkline

__all__ = [
    "Agent",
    "Centre",
    "Clock",
    "Connection",
    "Contact",
    "Record",
    "RefusedError",
    "Trunkline",
    "expect_case",
    "expect_delivery",
    "expect_event",
    "expect_invocation",
    "expect_log",
    "expect_message",
    "expect_no_event",
    "expect_no_invocation",
    "expect_no_message",
    "expect_no_record",
    "expect_profile",
    "expect_record",
    "expect_rule",
    "start_trunkline",
]
