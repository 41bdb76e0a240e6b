"""Fixtures for pytest: one server for each process of tests, emptied after each test."""

from collections.abc import Iterator
from typing import Any, Callable

import pytest

from .server import Clock, Trunkline, start_trunkline


def pytest_addoption(parser: pytest.Parser) -> None:
    """Settings of pytest.ini or pyproject.toml."""
    parser.addini("trunkline_command", "what starts the server: npx trunkline", default=None)
    parser.addini("trunkline_clock", "manual or real", default="manual")
    parser.addini(
        "trunkline_init", "a file of resources that are there from the start, beside the settings", type="paths", default=[]
    )
    parser.addini("trunkline_flags", "more flags of trunkline start", type="args", default=[])


@pytest.fixture(scope="session")
def trunkline_server(pytestconfig: pytest.Config) -> Iterator[Trunkline]:
    """One for all tests: override it to start another."""
    get = pytestconfig.getini
    init = next(iter(get("trunkline_init")), None)
    with start_trunkline(
        command=get("trunkline_command"), clock=get("trunkline_clock"), init=init, flags=get("trunkline_flags")
    ) as server:
        yield server


@pytest.fixture
def trunkline(trunkline_server: Trunkline) -> Iterator[Trunkline]:
    """A server that is empty, and is emptied afterwards."""
    yield trunkline_server
    trunkline_server.reset()


@pytest.fixture
def trunkline_clock(trunkline: Trunkline) -> Clock:
    """The clock of the test's server."""
    return trunkline.clock


@pytest.fixture
def trunkline_client(trunkline: Trunkline) -> Callable[[str], Any]:
    """Gives boto3 clients: trunkline_client("kinesis")."""
    return trunkline.client
