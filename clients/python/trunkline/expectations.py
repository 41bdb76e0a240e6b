"""Assertions that wait, up to `within` (a timedelta or an ISO 8601 duration), and tell why nothing matched: see waiting.wait_for.

All that has come since the server's start or its last reset is looked at, or, with `since`, what came after an event, record or invocation that
was found before or from a time on. Patterns are those of EventBridge, whatever they are asked of; an empty one matches all.
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
from .explanation import missing, shortened, shown, shown_verdict, unmatched, unwanted
from .people import Contact
from .waiting import Duration, look_again, wait_for

if TYPE_CHECKING:
    from .server import Trunkline

Document = dict[str, Any]
EventPattern = Mapping[str, Any]
Since = Union[Mapping[str, Any], datetime.datetime, None]
RecordSince = Union["Record", datetime.datetime, None]

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
    question = _event_on(bus, pattern, since)
    finding = wait_for(server.clock, within, lambda: _find(server, question), _is_found)
    event: Document = _candidate(server, finding, f"an event on the bus {bus}", pattern, lambda: _told_of_rules(server, bus))
    return event


def expect_no_event(
    server: Trunkline, pattern: EventPattern, *, bus: str = "default", since: Since = None, within: Duration = "PT0S"
) -> None:
    """With a manual clock, once all that was caused has happened and `within` has passed; with a real one what is there is looked at."""
    question = _event_on(bus, pattern, since)
    finding = wait_for(server.clock, within, lambda: _find(server, question), _is_found)
    if "found" in finding:
        raise unwanted(f"event on the bus {bus}", pattern, finding["found"]["candidate"])


class Record:
    """A record of a Kinesis stream. `record["member"]` is `record.data["member"]`."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.data: Any = _document(told["Data"])
        self.partition_key: str = told["PartitionKey"]
        self.sequence_number: str = told["SequenceNumber"]
        self._time = _time(told["ApproximateArrivalTimestamp"])

    def __getitem__(self, member: Any) -> Any:
        return self.data[member]

    def __contains__(self, member: Any) -> bool:
        return member in self.data

    def __repr__(self) -> str:
        return f"Record(data={self.data!r}, partition_key={self.partition_key!r}, sequence_number={self.sequence_number!r})"


def expect_record(
    server: Trunkline,
    stream: str,
    wanted: EventPattern | Callable[[Any], Any],
    *,
    since: RecordSince = None,
    within: Duration | None = None,
) -> Record:
    """Waits for a record of a Kinesis stream, and answers with it. `wanted` is a pattern or a function of its document (or text).

    Where it is missing, what is set up to send to the stream is told of too: rules and event triggers with what they made of what they saw last.
    """
    found, told = _look_for_record(server, stream, wanted, since, within)
    if found is None:
        raise told(_told_of_target(server, stream))
    return found


def expect_no_record(
    server: Trunkline,
    stream: str,
    wanted: EventPattern | Callable[[Any], Any],
    *,
    since: RecordSince = None,
    within: Duration = "PT0S",
) -> None:
    """With a manual clock, once all that was caused has happened and `within` has passed; with a real one what is there is looked at."""
    found, _ = _look_for_record(server, stream, wanted, since, within)
    if found is not None:
        raise unwanted(f"record of the stream {stream}", wanted, found.data)


def _look_for_record(
    server: Trunkline,
    stream: str,
    wanted: EventPattern | Callable[[Any], Any],
    since: RecordSince,
    within: Duration | None,
) -> tuple[Record | None, Callable[[Sequence[str]], AssertionError]]:
    """What was found, and what a test prints where it is missing."""
    what = f"a record of the stream {stream}"
    after = _since(since, "sequence_number")
    if not callable(wanted):
        question = {"name": stream, "pattern": wanted, **after}
        finding = wait_for(server.clock, within, lambda: _find(server, question), _is_found)
        for it in finding.get("nearest", []):
            it["candidate"] = _document(it["candidate"]["Data"])
        found = Record(finding["found"]["candidate"]) if "found" in finding else None
        return found, lambda more: unmatched(what, wanted, finding, server.clock.now(), more)
    test = wanted

    def records() -> list[Record]:
        lines = server.connection.lines(f"live?{urlencode({'name': stream, 'from': 'oldest', 'follow': 'false'})}")
        return _after([Record(it) for it in lines], since)

    seen = wait_for(server.clock, within, records, lambda all_: any(test(it.data) for it in all_))
    there = f"There are {len(seen)}; the last: {shown(seen[-1].data)}" if seen else "There is none at all."
    return (
        next((it for it in seen if test(it.data)), None),
        lambda more: AssertionError("\n".join([missing(what, wanted, server.clock.now()), there, *more])),
    )


def _after(records: list[Record], since: RecordSince) -> list[Record]:
    if since is None:
        return records
    if isinstance(since, Record):
        number = since.sequence_number
        return records[next((at + 1 for at, it in enumerate(records) if it.sequence_number == number), 0) :]
    return [it for it in records if it._time >= since]


def expect_message(
    server: Trunkline, queue: str, pattern: EventPattern | None = None, *, within: Duration | None = None
) -> Document:
    """Waits for a message of an SQS queue, by its name, whose body matches, and answers with it. It stays in the queue.

    It has `messageId`, `body` (the document that it is, or its text), `attributes` (texts by name: of a dead letter `ERROR_CODE`, `RULE_ARN`, …)
    and `state` (`ready`, `hidden` or `behind`).
    """
    messages, finding = _look_for_message(server, queue, pattern or {}, within)
    _candidate(server, finding, f"a message in {queue}", pattern or {}, lambda: _told_of_target(server, queue))
    at: int = finding["found"]["at"]
    return messages[at]


def expect_no_message(server: Trunkline, queue: str, pattern: EventPattern | None = None, *, within: Duration = "PT0S") -> None:
    """With a manual clock, once all that was caused has happened and `within` has passed; with a real one what is there is looked at."""
    messages, finding = _look_for_message(server, queue, pattern or {}, within)
    if "found" in finding:
        raise unwanted(f"message in {queue}", pattern or {}, messages[finding["found"]["at"]])


def _look_for_message(
    server: Trunkline, queue: str, pattern: EventPattern, within: Duration | None
) -> tuple[list[Document], Document]:
    messages: list[Document] = []

    def look() -> Document:
        messages[:] = _messages(server, queue)
        return _find_in(server, [it["body"] for it in messages], pattern)

    return messages, wait_for(server.clock, within, look, _is_found)


def expect_invocation(
    server: Trunkline,
    function: str,
    pattern: EventPattern | None = None,
    *,
    since: Since = None,
    within: Duration | None = None,
) -> Document:
    """Waits for an invocation of a function, by its name, that matches, and answers with it:
    `{"event": {"detail": {"contactId": [id]}}, "status": ["success"]}`.

    It has `id`, `requestId`, `version`, `time`, `durationMs`, `status` (`success`, `error` or `timeout`), `event` (what the handler was given), and
    `answer` or, of one that failed, `error` with `errorType` and `errorMessage`. `since` is an invocation found before, or a time.
    """
    question = _invocation_of(function, pattern, since)
    finding = wait_for(server.clock, within, lambda: _find(server, question), _is_found)
    invocation: Document = _candidate(
        server,
        finding,
        f"an invocation of {function}",
        pattern or {},
        lambda: [*_waiting_for(server, function), *_told_of_target(server, function)],
    )
    return invocation


def expect_no_invocation(
    server: Trunkline,
    function: str,
    pattern: EventPattern | None = None,
    *,
    since: Since = None,
    within: Duration = "PT0S",
) -> None:
    """With a manual clock, once all that was caused has happened and `within` has passed; with a real one what is there is looked at."""
    question = _invocation_of(function, pattern, since)
    finding = wait_for(server.clock, within, lambda: _find(server, question), _is_found)
    if "found" in finding:
        raise unwanted(f"invocation of {function}", pattern or {}, finding["found"]["candidate"])


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

    Streams, queues and functions of the same server get what is theirs without one: see expect_record, expect_message and expect_invocation.
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
    rows += [] if target is None else _told_of_rules(server, target)
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
    return {"name": f"event-bus/{bus}", "pattern": pattern, **_since(since, "id")}


def _invocation_of(function: str, pattern: EventPattern | None, since: Since) -> Document:
    return {"name": f"function/{function}", "pattern": pattern or {}, **_since(since, "id")}


def _since(since: Since | RecordSince, member: str) -> Document:
    """Where what is asked about begins: after something that was found before, by its id, or at a time. Raises ValueError."""
    if since is None:
        return {}
    if isinstance(since, datetime.datetime):
        return {"since": since.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    if isinstance(since, Mapping):
        id_ = since.get(member)
    else:
        id_ = getattr(since, member, None)
    if not isinstance(id_, str) or not id_:
        raise ValueError(f"since is a datetime or what was found before, with its {member}, not {since!r}")
    return {"since": id_}


def _find(server: Trunkline, question: Document) -> Document:
    answer: Document = server.connection.ask("POST", "find", question)
    return answer


def _find_in(server: Trunkline, documents: Sequence[Any], pattern: EventPattern) -> Document:
    return _find(server, {"documents": documents, "pattern": pattern})


def _is_found(finding: Document) -> bool:
    return "found" in finding


def _candidate(server: Trunkline, finding: Document, what: str, wanted: Any, more: Callable[[], Sequence[str]] = tuple) -> Any:
    if "found" not in finding:
        raise unmatched(what, wanted, finding, server.clock.now(), more())
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
    told = f"{name} is a function, called without a delivery: see expect_invocation."
    errors = [shortened(json.dumps(it, ensure_ascii=False)) for it in found["lastErrors"][:1]]
    return [f"{told} Events that wait for it: {found['backlog']}.", *errors]


def _waiting_for(server: Trunkline, function: str) -> list[str]:
    """Events that it has been sent, and has not handled."""
    functions = server.connection.ask("GET", "functions")["functions"]
    backlog = next((it["backlog"] for it in functions if it["name"] == function), 0)
    return [f"Events that wait for {function}, to be handled or tried again: {backlog}."] if backlog else []


NOBODY = (
    "Nothing is set up to send there: no rule, no event trigger, no stream of an instance. "
    "(What programs put there by themselves is not known.)"
)


def _told_of_target(server: Trunkline, target: str) -> list[str]:
    """Why nothing came to a stream, a queue or a function, by its name: what is set up to send there, and what that made of what it saw last."""
    told = server.connection.ask("POST", "explain", {"target": target})
    return [*(_sent_by(told["senders"]) or [NOBODY]), *told["notes"]]


def _told_of_rules(server: Trunkline, target: str) -> list[str]:
    """Rules and event triggers alone: to a bus, say, much sends that has nothing to explain."""
    told = server.connection.ask("POST", "explain", {"target": target})
    return [*_sent_by([it for it in told["senders"] if it["kind"] in ("event trigger", "rule")]), *told["notes"]]


def _sent_by(senders: Sequence[Document]) -> list[str]:
    return ["What sends there:", *(row for it in senders for row in _sender_rows(it))] if senders else []


def _sender_rows(it: Document) -> list[str]:
    first, *others = it["told"] or [""]
    place = f" of {it['of']}" if "of" in it else ""
    verdict = [f"  {row}" for row in shown_verdict(it["condition"])] if "condition" in it else []
    return [shortened(f"  {it['kind']} {it['name']}{place}: {first}"), *(shortened(f"    {row}") for row in others), *verdict]


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
