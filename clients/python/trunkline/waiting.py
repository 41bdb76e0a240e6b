"""Waits without sleeping where the clock is manual, and in short steps where it is real."""

import datetime
import re
import time

WITHIN_REAL_SECONDS = 5
LOOK_SECONDS = 0.02


def wait_for(clock, within, look):
    """Looks until something is found (not None), or the time is over: then None.

    With a manual clock what has been caused is awaited first. Only where that is not enough is the clock moved on, by `within` at most, in
    growing steps: it goes no more than twice as far as it must.
    """
    if clock.is_manual:
        return _look_ahead(clock, 0 if within is None else seconds_of(within), look)
    end = time.monotonic() + (WITHIN_REAL_SECONDS if within is None else seconds_of(within))
    while True:
        found = look()
        if found is not None or time.monotonic() >= end:
            return found
        time.sleep(LOOK_SECONDS)


def _look_ahead(clock, seconds, look):
    clock.settle()
    passed, step = 0, 1
    while True:
        found = look()
        if found is not None or passed >= seconds:
            return found
        moved = min(step, seconds - passed)
        clock.advance(datetime.timedelta(seconds=moved))
        passed, step = passed + moved, step * 2


_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?")


def seconds_of(duration):
    """Of a timedelta, or of an ISO 8601 duration of days, hours, minutes and seconds. Raises ValueError."""
    if isinstance(duration, datetime.timedelta):
        return duration.total_seconds()
    found = _DURATION.fullmatch(duration)
    if not found or not any(found.groups()):
        raise ValueError(f"within: {duration} is no duration such as PT30S or PT2H")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
