"""Asks the server which of some documents match a pattern of EventBridge's, and tells what came nearest where none does."""

import json
import re

# Of those that did not match, so many of the newest are asked how near they came.
NEAR_MAX = 200
SHOWN_CHARACTERS = 2000
TITLES = {"together": "all of these:", "all": "all of these:", "any": "one of these:", "not": "not:"}


class Finder:
    """Finds what matches. `document_of` says what is asked about: of an event itself, of all else as if it were an event's detail."""

    def __init__(self, server, pattern, document_of=None):
        self._server = server
        self._pattern = pattern
        self._document_of = document_of
        self._asked = {}

    def find(self, candidates):
        return next((candidate for candidate in candidates if self._explain(candidate)["matched"]), None)

    def nearest(self, candidates):
        """What came nearest with why it did not match; of those that came equally near the last."""
        told = [(candidate, self._explain(candidate)) for candidate in candidates[-NEAR_MAX:]]
        return max(reversed(told), key=lambda pair: met_fields(pair[1]["condition"]), default=None)

    def _explain(self, candidate):
        key = json.dumps(candidate, sort_keys=True)
        if key not in self._asked:
            if self._document_of is None:
                question = {"pattern": self._pattern, "event": candidate}
            else:
                event = {"id": "document", "detail": self._document_of(candidate)}
                question = {"pattern": {"detail": self._pattern}, "event": event}
            answer = self._server.connection.ask("POST", "explain", question)
            self._asked[key] = answer if self._document_of is None else _without_detail(answer)
        return self._asked[key]


def unmatched(what, wanted, candidates, nearest, at):
    """What a test prints where nothing matched."""
    rows = [f"There is not {what} such as {shown(wanted)} by {at.isoformat()}."]
    if not candidates:
        rows.append("There is none at all.")
    elif nearest is None:
        rows.append(f"There are {len(candidates)}; the last: {shown(candidates[-1])}")
    else:
        candidate, answer = nearest
        rows.append(f"Of {len(candidates)} the nearest does not match: {answer['reason']}")
        rows += [*shown_verdict(answer["condition"]), f"It is {shown(candidate)}"]
    return AssertionError("\n".join(rows))


def shown_verdict(verdict, indent="  "):
    """A line for each condition: whether it is met, of what, what was asked and what was found."""
    mark = f"{indent}{'✓' if verdict['met'] else '✗'}"
    if verdict["kind"] != "field":
        parts = [row for part in verdict["of"] for row in shown_verdict(part, indent + "  ")]
        return [f"{mark} {TITLES[verdict['kind']]}", *parts]
    found = verdict["found"]
    values = found if found == "absent" else ", ".join(json.dumps(value, ensure_ascii=False) for value in found)
    more = f" and {verdict['foundMore']} more" if verdict.get("foundMore") else ""
    return [f"{mark} {verdict['path']}  {verdict['asked']}  found: {values}{more}"]


def met_fields(verdict):
    if verdict["kind"] == "field":
        return int(verdict["met"])
    return sum(met_fields(part) for part in verdict["of"])


def shown(value):
    if callable(value):
        return getattr(value, "__name__", repr(value))
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _without_detail(answer):
    told = {**answer, "condition": _renamed(answer["condition"])}
    if "reason" in answer:
        told["reason"] = re.sub(r"^detail\.", "", answer["reason"])
    return told


def _renamed(verdict):
    if verdict["kind"] == "field":
        return {**verdict, "path": re.sub(r"^detail\.", "", verdict["path"])}
    return {**verdict, "of": [_renamed(part) for part in verdict["of"]]}
