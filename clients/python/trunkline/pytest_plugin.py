"""Fixtures for pytest: one server for each process of tests, emptied after each test."""

import pytest

from .server import start_trunkline


def pytest_addoption(parser):
    parser.addini("trunkline_command", "what starts the server: npx trunkline", default=None)
    parser.addini("trunkline_clock", "manual or real", default="manual")
    parser.addini("trunkline_flags", "more flags of trunkline start", type="args", default=[])


@pytest.fixture(scope="session")
def trunkline_server(pytestconfig):
    """One for all tests: override it to start another."""
    get = pytestconfig.getini
    with start_trunkline(
        command=get("trunkline_command"), clock=get("trunkline_clock"), flags=get("trunkline_flags")
    ) as server:
        yield server


@pytest.fixture
def trunkline(trunkline_server):
    """A server that is empty, and is emptied afterwards."""
    yield trunkline_server
    trunkline_server.reset()


@pytest.fixture
def trunkline_clock(trunkline):
    return trunkline.clock


@pytest.fixture
def trunkline_client(trunkline):
    """Gives boto3 clients: trunkline_client("kinesis")."""
    return trunkline.client
