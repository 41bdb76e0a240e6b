"""Waits without sleeping where the clock is manual, and in short steps where it is real."""

from __future__ import annotations

import datetime
import re
import time
from typing import TYPE_CHECKING, Callable, TypeVar, Union

if TYPE_CHECKING:
    from .server import Clock

T = TypeVar("T")
Duration = Union[str, datetime.timedelta]

WITHIN_REAL_SECONDS = 5.0
LOOK_SECONDS = 0.02


def wait_for(clock: Clock, within: Duration | None, look: Callable[[], T], is_good: Callable[[T], bool]) -> T:
    """Looks until what is seen is good, or the time is over, and answers with what was seen last.

    With a manual clock what has been caused is awaited first. Only where that is not enough is the clock moved on, by `within` at most, in
    growing steps: it goes no more than twice as far as it must.
    """
    if not clock.is_manual:
        return look_again(WITHIN_REAL_SECONDS if within is None else seconds_of(within), look, is_good)
    seconds = 0.0 if within is None else seconds_of(within)
    clock.settle()
    passed, step = 0.0, 1.0
    while True:
        seen = look()
        if is_good(seen) or passed >= seconds:
            return seen
        moved = min(step, seconds - passed)
        clock.advance(datetime.timedelta(seconds=moved))
        passed, step = passed + moved, step * 2


def look_again(seconds: float, look: Callable[[], T], is_good: Callable[[T], bool]) -> T:
    """The same in the machine's time, whatever the clock is."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if is_good(seen) or time.monotonic() >= end:
            return seen
        time.sleep(LOOK_SECONDS)


_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?")


def seconds_of(duration: Duration) -> float:
    """Of a timedelta, or of an ISO 8601 duration of days, hours, minutes and seconds. Raises ValueError."""
    if isinstance(duration, datetime.timedelta):
        return duration.total_seconds()
    found = _DURATION.fullmatch(duration)
    if not found or not any(found.groups()):
        raise ValueError(f"within: {duration} is no duration such as PT30S or PT2H")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
