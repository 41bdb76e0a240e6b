"""Assertions that wait, up to `within` (a timedelta or an ISO 8601 duration), and tell why nothing matched: see waiting.wait_for.

All that has come since the server's start or its last reset is looked at, or, with `since`, what came after an event that was found before or
from a time on. Patterns are those of EventBridge, whatever they are asked of; an empty one matches all.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from re import Pattern
from typing import TYPE_CHECKING, Any, Callable, Union
from urllib.parse import urlencode

from .connection import RefusedError
from .explanation import missing, shortened, shown, shown_verdict, unmatched
from .people import Contact
from .waiting import Duration, look_again, wait_for

if TYPE_CHECKING:
    from .server import Trunkline

Document = dict[str, Any]
EventPattern = Mapping[str, Any]
Since = Union[Mapping[str, Any], datetime.datetime, None]

LISTED_MAX = 500
FIELDS_MAX = 25
PAGE = 25
MESSAGES_MAX = 1000
LINES_MAX = 10000
TOLD_MAX = 5
LOOKS_TOLD_MAX = 3
SAID_TOLD_MAX = 10
# Functions' lines are written a moment after they were logged, in the machine's time.
WRITTEN_SECONDS = 1.0
NOTHING_ATTEMPTED = (
    "Nothing was attempted, and nothing is owed. "
    "(Streams, queues, buses, log groups and functions of this server get what is theirs without a delivery.)"
)


def expect_event(
    server: Trunkline,
    pattern: EventPattern,
    *,
    bus: str = "default",
    since: Since = None,
    within: Duration | None = None,
) -> Document:
    """Waits for an event on a bus, and answers with the first that matches. `since` is an event found before, or a time (of whole seconds)."""
    finding = wait_for(server.clock, within, lambda: _find(server, _event_on(bus, pattern, since)), _is_found)
    event: Document = _candidate(server, finding, f"an event on the bus {bus}", pattern)
    return event


def expect_no_event(
    server: Trunkline, pattern: EventPattern, *, bus: str = "default", since: Since = None, within: Duration = "PT0S"
) -> None:
    """With a manual clock, once all that was caused has happened and `within` has passed; with a real one what is there is looked at."""
    finding = wait_for(server.clock, within, lambda: _find(server, _event_on(bus, pattern, since)), _is_found)
    if "found" in finding:
        found = finding["found"]["candidate"]
        raise AssertionError(f"No event on the bus {bus} was to match {shown(pattern)}, and this does: {shown(found)}")


def expect_record(
    server: Trunkline,
    stream: str,
    wanted: EventPattern | Callable[[Any], Any],
    *,
    since: datetime.datetime | None = None,
    within: Duration | None = None,
) -> Any:
    """Waits for a record of a Kinesis stream, and answers with the document that it is, or its text. `wanted` is a pattern or a function of it."""
    what = f"a record of the stream {stream}"
    if not callable(wanted):
        question = {"name": stream, "pattern": wanted, **_since(since)}
        finding = wait_for(server.clock, within, lambda: _find(server, question), _is_found)
        for it in [*finding.get("nearest", []), finding.get("found", {})]:
            if it:
                it["candidate"] = _document(it["candidate"]["Data"])
        return _candidate(server, finding, what, wanted)
    test = wanted

    def records() -> list[Any]:
        lines = server.connection.lines(f"live?{urlencode({'name': stream, 'from': 'oldest', 'follow': 'false'})}")
        return [_document(it["Data"]) for it in lines if since is None or _time(it["ApproximateArrivalTimestamp"]) >= since]

    seen = wait_for(server.clock, within, records, lambda all_: any(test(it) for it in all_))
    for record in seen:
        if test(record):
            return record
    told = missing(what, wanted, server.clock.now())
    raise AssertionError(
        f"{told}\n" + (f"There are {len(seen)}; the last: {shown(seen[-1])}" if seen else "There is none at all.")
    )


def expect_message(server: Trunkline, queue: str, pattern: EventPattern | None = None, *, within: Duration | None = None) -> Document:
    """Waits for a message of an SQS queue, by its name, whose body matches, and answers with it. It stays in the queue.

    It has `messageId`, `body` (the document that it is, or its text), `attributes` (texts by name: of a dead letter `ERROR_CODE`, `RULE_ARN`, …)
    and `state` (`ready`, `hidden` or `behind`).
    """
    wanted = pattern or {}
    messages: list[Document] = []

    def look() -> Document:
        messages[:] = _messages(server, queue)
        return _find_in(server, [it["body"] for it in messages], wanted)

    finding = wait_for(server.clock, within, look, _is_found)
    _candidate(server, finding, f"a message in {queue}", wanted)
    at: int = finding["found"]["at"]
    return messages[at]


def expect_log(server: Trunkline, log_group: str, wanted: str | Pattern[str], *, within: Duration | None = None) -> str:
    """Waits for a line of a log group that has a text in it, or that a compiled regular expression finds something in, and answers with the first.

    What a function NAME has printed is in /aws/lambda/NAME.
    """

    def is_wanted(line: str) -> bool:
        return wanted in line if isinstance(wanted, str) else wanted.search(line) is not None

    def is_there(lines: Sequence[str] | None) -> bool:
        return any(is_wanted(line) for line in lines or ())

    def look() -> list[str] | None:
        return _log_lines(server, log_group)

    seen = wait_for(server.clock, within, look, is_there)
    lines = seen if is_there(seen) else look_again(WRITTEN_SECONDS, look, is_there)
    for line in lines or ():
        if is_wanted(line):
            return line
    text = shown(wanted) if isinstance(wanted, str) else f"/{wanted.pattern}/"
    told = f"There is not a line with {text} in the log group {log_group} by {server.clock.now().isoformat()}."
    if lines is None:
        raise AssertionError(f"{told}\nThere is no such log group: nothing has written to it.")
    if not lines:
        raise AssertionError(f"{told}\nThere is none at all.")
    last = [f"  {shortened(line.rstrip())}" for line in lines[-10:]]
    raise AssertionError("\n".join([told, f"There are {len(lines)}; the last:", *last]))


def expect_profile(
    server: Trunkline,
    pattern: EventPattern | None = None,
    *,
    key: str,
    value: str,
    domain: str | None = None,
    within: Duration | None = None,
) -> Document:
    """Waits for a profile of Customer Profiles that a search key finds and a pattern matches."""
    call = server.connection.call
    if domain is None:
        domains = [it["DomainName"] for it in call("customer-profiles", "ListDomains").get("Items", [])]
        domain = _only(domains, "domain of Customer Profiles")
    search = {"DomainName": domain, "KeyName": key, "Values": [value]}

    def look() -> Document:
        return _find_in(server, call("customer-profiles", "SearchProfiles", **search).get("Items", []), pattern or {})

    finding = wait_for(server.clock, within, look, _is_found)
    found: Document = _candidate(server, finding, f"a profile in {domain} with {key} {value},", pattern or {})
    return found


def expect_case(
    server: Trunkline, pattern: EventPattern, *, domain: str | None = None, within: Duration | None = None
) -> Document:
    """Waits for a case whose fields match, those of the system by id (`title`, `status`) and the domain's own by name."""
    domains = {it["name"]: it["domainId"] for it in server.connection.call("connectcases", "ListDomains")["domains"]}
    wanted = _only(list(domains), "Cases domain") if domain is None else domain
    if wanted not in domains:
        raise ValueError(f"There is no Cases domain {wanted}; there are {', '.join(domains)}")
    domain_id = domains[wanted]
    fields = _pages(server, "ListFields", "fields", domainId=domain_id)
    names = {it["fieldId"]: it["fieldId"] if it["namespace"] == "System" else it["name"] for it in fields}
    unknown = next((name for name in pattern if name != "$or" and name not in names.values()), None)
    if unknown is not None:
        raise ValueError(f"There is no field {unknown}; there are {', '.join(names.values())}")
    asked = sorted(names, key=lambda id_: names[id_] not in pattern)[:FIELDS_MAX]
    search = {"domainId": domain_id, "fields": [{"id": id_} for id_ in asked], "maxResults": PAGE}
    cases: list[Document] = []

    def look() -> Document:
        cases[:] = [
            {
                "caseId": it["caseId"],
                "templateId": it["templateId"],
                "fields": {names[field["id"]]: next(iter(field["value"].values()), None) for field in it["fields"]},
            }
            for it in _pages(server, "SearchCases", "cases", **search)
        ]
        return _find_in(server, [it["fields"] for it in cases], pattern)

    finding = wait_for(server.clock, within, look, _is_found)
    _candidate(server, finding, "a case", pattern)
    at: int = finding["found"]["at"]
    return cases[at]


def expect_delivery(
    server: Trunkline,
    *,
    target: str | None = None,
    rule: str | None = None,
    outcome: str = "delivered",
    within: Duration | None = None,
) -> Document:
    """Waits for an attempt to bring something outside: to an API destination, a webhook, a mail server, or (`outcome="dead-lettered"`) to a
    dead-letter queue. `target` and `rule` are ARNs or names in them.

    Streams, queues and functions of the same server get what is theirs without one: see expect_record, expect_message and expect_log.
    """

    def is_wanted(it: Document) -> bool:
        return _is_named(it["target"], target) and _is_named(it.get("rule"), rule)

    def look() -> list[Document]:
        answer: Document = server.connection.ask("GET", f"deliveries/attempts?limit={LISTED_MAX}")
        attempts: list[Document] = answer["attempts"]
        return attempts

    def found_in(attempts: list[Document]) -> Document | None:
        return next((it for it in reversed(attempts) if it["outcome"] == outcome and is_wanted(it)), None)

    attempts = wait_for(server.clock, within, look, lambda seen: found_in(seen) is not None)
    found = found_in(attempts)
    if found is not None:
        return found
    owed: list[Document] = server.connection.ask("GET", f"deliveries?limit={LISTED_MAX}")["deliveries"]
    asked = {"outcome": outcome, **{name: it for name, it in (("target", target), ("rule", rule)) if it is not None}}
    rows = [missing("a delivery", asked, server.clock.now())]
    rows += _nearest("Attempted, the newest first", attempts, is_wanted, _shown_attempt)
    rows += _nearest("Still owed", owed, is_wanted, _shown_owed)
    rows += [] if attempts or owed else [NOTHING_ATTEMPTED]
    rows += _told_of_function(server, target)
    raise AssertionError("\n".join(rows))


def expect_rule(server: Trunkline, name: str) -> RuleExpectation:
    """About a rule of Connect or EventBridge by its name; one on another bus than the default one as BUS/NAME."""
    return RuleExpectation(server, name)


class RuleExpectation:
    """What a rule is to make of something."""

    def __init__(self, server: Trunkline, name: str) -> None:
        self._server = server
        self._name = name

    def to_match(self, subject: Contact | str | EventPattern, *, within: Duration | None = None) -> None:
        """`subject` is a contact, the id of whatever else rules of Connect look at, or an event as a dict for a rule of EventBridge."""
        looks = wait_for(self._server.clock, within, lambda: self._look(subject), lambda it: any(one["matched"] for one in it))
        if not any(it["matched"] for it in looks):
            said = _said_in(subject) if isinstance(subject, Contact) else []
            rows = [f"Rule {self._name} was to match {_named(subject)}, and did not.", *_told(looks), *said]
            raise AssertionError("\n".join(rows))

    def not_to_match(self, subject: Contact | str | EventPattern) -> None:
        """The same subjects."""
        self._server.clock.settle()
        matching = [it for it in self._look(subject) if it["matched"]]
        if matching:
            raise AssertionError("\n".join([f"Rule {self._name} was not to match {_named(subject)}, and did.", *_told(matching)]))

    def _look(self, subject: Contact | str | EventPattern) -> list[Document]:
        if isinstance(subject, Mapping):
            return [self._server.connection.ask("POST", "explain", {"rule": self._name, "event": subject})]
        question = {"subject": subject.id if isinstance(subject, Contact) else subject, "rule": self._name}
        if isinstance(subject, Contact):
            question["instance"] = subject.instance_id
        answer = self._server.connection.ask("POST", "explain", question)
        looks = [
            {**rule, "occasion": f"{asked['source']}, {asked['time']}"} for asked in answer["inputs"] for rule in asked["rules"]
        ]
        return looks or [{"matched": False, "note": answer.get("note", "It was not asked.")}]


def _said_in(contact: Contact) -> list[str]:
    """Conditions on words found none: what was said instead."""
    said = contact.view()["said"]
    if not said:
        return ["Nothing was said."]
    last = said[-SAID_TOLD_MAX:]
    title = f"The last {len(last)} of {len(said)} sentences:" if len(said) > len(last) else "It was said:"
    return [title, *(f"  {shortened(it['speaker'] + ': ' + it['text'])}" for it in last)]


def _told(looks: list[Document]) -> list[str]:
    """Of many looks the last ones: in real time there is one at each sentence."""
    last = looks[-LOOKS_TOLD_MAX:]
    left = [f"It was asked {len(looks)} times; the last {len(last)}:"] if len(looks) > len(last) else []
    return left + [row for look in last for row in _rows(look)]


def _rows(look: Document) -> list[str]:
    told = [f"{look['occasion']}:"] if "occasion" in look else []
    told += [look[name] for name in ("note", "reason") if name in look]
    return told + (shown_verdict(look["condition"]) if "condition" in look else [])


def _named(subject: Contact | str | EventPattern) -> str:
    return shown(subject) if isinstance(subject, Mapping) else str(subject)


def _event_on(bus: str, pattern: EventPattern, since: Since) -> Document:
    return {"name": f"event-bus/{bus}", "pattern": pattern, **_since(since)}


def _since(since: Since) -> Document:
    if since is None:
        return {}
    if isinstance(since, datetime.datetime):
        return {"since": since.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    return {"since": since["id"]}


def _find(server: Trunkline, question: Document) -> Document:
    answer: Document = server.connection.ask("POST", "find", question)
    return answer


def _find_in(server: Trunkline, documents: Sequence[Any], pattern: EventPattern) -> Document:
    return _find(server, {"documents": documents, "pattern": pattern})


def _is_found(finding: Document) -> bool:
    return "found" in finding


def _candidate(server: Trunkline, finding: Document, what: str, wanted: Any) -> Any:
    if "found" not in finding:
        raise unmatched(what, wanted, finding, server.clock.now())
    return finding["found"]["candidate"]


def _messages(server: Trunkline, queue: str) -> list[Document]:
    found: list[Document] = []
    query: Document = {"limit": 100}
    while True:
        page = server.connection.ask("GET", f"sqs/{queue}?{urlencode(query)}")
        for it in page["messages"]:
            is_cut = it["bodyCharacters"] > len(it["body"])
            whole = server.connection.ask("GET", f"sqs/{queue}/{it['key']}") if is_cut else it
            attributes = {name: attribute["value"] for name, attribute in it.get("attributes", {}).items()}
            told = {"messageId": it["messageId"], "attributes": attributes, "state": it["state"]}
            found.append({**told, "body": _document(whole["body"])})
        if "next" not in page or len(found) >= MESSAGES_MAX:
            return found
        query["after"] = page["next"]


def _log_lines(server: Trunkline, log_group: str) -> list[str] | None:
    """None where there is no such group."""
    lines: list[str] = []
    token: Document = {}
    try:
        while True:
            page = server.connection.call("logs", "FilterLogEvents", logGroupName=log_group, **token)
            lines += [it["message"] for it in page["events"]]
            if "nextToken" not in page or len(lines) >= LINES_MAX:
                return lines
            token = {"nextToken": page["nextToken"]}
    except RefusedError as error:
        if error.code == "ResourceNotFoundException":
            return None
        raise


def _nearest(
    title: str, all_: list[Document], is_wanted: Callable[[Document], bool], line: Callable[[Document], str]
) -> list[str]:
    """Some lines of those that are about the same target and rule, or, where none is, of all."""
    near = [it for it in all_ if is_wanted(it)] or all_
    if not near:
        return []
    more = [f"  … and {len(near) - TOLD_MAX} more"] if len(near) > TOLD_MAX else []
    return [f"{title}:", *(f"  {shortened(line(it))}" for it in near[:TOLD_MAX]), *more]


def _shown_attempt(it: Document) -> str:
    return f"{it['time']} attempt {it['attempt']} {it['outcome']}, {_way(it)}{_shown_failure(it)}"


def _shown_owed(it: Document) -> str:
    return f"{_way(it)}: attempted {it['attemptsMade']} times, the next at {it['due']}{_shown_failure(it)}"


def _way(it: Document) -> str:
    return f"by {it['rule']} to {it['target']}" if it.get("rule") else f"to {it['target']}"


def _shown_failure(it: Document) -> str:
    return f": {it['failure']['code']}: {it['failure']['message']}" if it.get("failure") else ""


def _told_of_function(server: Trunkline, target: str | None) -> list[str]:
    """A function is called without a delivery: what is known of it instead."""
    if target is None:
        return []
    functions = server.connection.ask("GET", "functions")["functions"]
    found = next((it for it in functions if target in (it["name"], it["arn"])), None)
    if found is None:
        return []
    name = found["name"]
    told = f"{name} is a function, called without a delivery: expect_log finds what it wrote in /aws/lambda/{name}."
    errors = [shortened(json.dumps(it, ensure_ascii=False)) for it in found["lastErrors"][:1]]
    return [f"{told} Events that wait for it: {found['backlog']}.", *errors]


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _pages(server: Trunkline, operation: str, member: str, **members: Any) -> list[Document]:
    found: list[Document] = []
    more: Document = {}
    while True:
        page = server.connection.call("connectcases", operation, **members, **more)
        found += page[member]
        if page.get("nextToken") is None:
            return found
        more = {"nextToken": page["nextToken"]}


def _only(names: Sequence[str], what: str) -> str:
    if not names:
        raise ValueError(f"There is no {what} yet")
    if len(names) > 1:
        raise ValueError(f"There is more than one {what}, say which: {', '.join(names)}")
    return names[0]


def _is_named(arn: str | None, wanted: str | None) -> bool:
    return wanted is None or arn == wanted or wanted in re.split("[/:]", arn or "")
