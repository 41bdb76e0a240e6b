"""Asks the server which of some documents matches a pattern of EventBridge's, and tells what came nearest where none does."""

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

SHOWN_CHARACTERS = 2000
LINE_CHARACTERS = 400
CONDITION_CHARACTERS = 300
CONDITIONS_MAX = 40
TITLES = {"together": "all of these:", "all": "all of these:", "any": "one of these:", "not": "not:"}


def unmatched(
    what: str, wanted: Any, finding: Mapping[str, Any], at: datetime.datetime, more: Sequence[str] = ()
) -> AssertionError:
    """What a test prints where nothing matched: what was wanted, what came nearest, why that did not match, and `more`."""
    told = missing(what, wanted, at)
    nearest: list[dict[str, Any]] = finding["nearest"]
    if not nearest:
        return AssertionError("\n".join([told, "There is none at all.", *more]))
    first, *others = nearest
    reasons = dict.fromkeys(it["reason"] for it in others if it["reason"] != first["reason"])
    rows = [told, f"Of {finding['looked']} the nearest does not match: {_as_pattern(first['reason'])}"]
    rows += [*shown_verdict(first["condition"]), *(f"Of another: {_as_pattern(reason)}" for reason in reasons)]
    return AssertionError("\n".join([*rows, f"The nearest is {shown(first['candidate'])}", *more]))


def unwanted(what: str, wanted: Any, found: Any) -> AssertionError:
    """What a test prints where something has come that was not to."""
    return AssertionError(f"No {what} was to match {shown(wanted)}, and this does: {shown(found)}")


def missing(what: str, wanted: Any, at: datetime.datetime) -> str:
    """Its first line."""
    return f"There is not {what} such as {shown(wanted)} by {at.isoformat()}."


def shown_verdict(verdict: Mapping[str, Any]) -> list[str]:
    """A line for each condition: whether it is met, of what, what was asked and what was found. Of very many, those that are not met first."""
    lines = _lines_of(verdict, "  ")
    if len(lines) <= CONDITIONS_MAX:
        return [text for text, _ in lines]
    red = [text for text, met in lines if not met][:CONDITIONS_MAX]
    return [*red, f"  … and {len(lines) - len(red)} more"]


def shown(value: Any) -> str:
    """A value as JSON, a function by its name, bounded in length."""
    if callable(value):
        return str(getattr(value, "__name__", repr(value)))
    return shortened(json.dumps(value, indent=2, ensure_ascii=False), SHOWN_CHARACTERS)


def shortened(text: str, most: int = LINE_CHARACTERS) -> str:
    """A text of so many characters at most."""
    return text if len(text) <= most else f"{text[:most]}…"


def _as_pattern(reason: str) -> str:
    """What was asked is no rule here."""
    return shortened(reason.replace(", but the rule asks ", ", but the pattern asks "))


def _lines_of(verdict: Mapping[str, Any], indent: str) -> list[tuple[str, bool]]:
    met = bool(verdict["met"])
    mark = f"{indent}{'✓' if met else '✗'}"
    if verdict["kind"] != "field":
        parts = [line for part in verdict["of"] for line in _lines_of(part, indent + "  ")]
        if not parts:
            return []
        rest = [(f"{indent}  … and {verdict['more']} more", met)] if verdict.get("more") else []
        return [(f"{mark} {TITLES[verdict['kind']]}", met), *parts, *rest]
    found = verdict["found"]
    values = found if found == "absent" else ", ".join(json.dumps(value, ensure_ascii=False) for value in found)
    more = f" and {verdict['foundMore']} more" if verdict.get("foundMore") else ""
    return [(shortened(f"{mark} {verdict['path']}  {verdict['asked']}  found: {values}{more}", CONDITION_CHARACTERS), met)]
