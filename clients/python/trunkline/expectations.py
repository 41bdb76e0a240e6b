"""Assertions that wait, up to `within` (a timedelta or an ISO 8601 duration), and tell why nothing matched: see waiting.wait_for.

All that has come since the server's start or its last reset is looked at. Patterns are those of EventBridge, whatever they are asked of.
"""

import json
import re
from urllib.parse import urlencode

from .explanation import Finder, shown, shown_verdict, unmatched
from .waiting import wait_for

LISTED_MAX = 500
FIELDS_MAX = 25
PAGE = 25


def expect_event(server, pattern, *, bus="default", within=None):
    """Waits for an event on a bus, and answers with the first that matches."""
    finder = Finder(server, pattern)
    return _expect(server, finder, pattern, f"an event on the bus {bus}", within, lambda: _lines(server, f"event-bus/{bus}"))


def expect_no_event(server, pattern, *, bus="default", within="PT0S"):
    """With a manual clock, once all that was caused has happened and `within` has passed; with a real one what is there is looked at."""
    finder = Finder(server, pattern)
    found = wait_for(server.clock, within, lambda: finder.find(_lines(server, f"event-bus/{bus}")))
    if found is not None:
        raise AssertionError(f"No event on the bus {bus} was to match {shown(pattern)}, and this does: {shown(found)}")


def expect_record(server, stream, wanted, *, within=None):
    """Waits for a record of a Kinesis stream, and answers with the document that it is, or its text. `wanted` is a pattern or a function of it."""

    def records():
        return [_document(line["Data"]) for line in _lines(server, stream)]

    finder = _Test(wanted) if callable(wanted) else Finder(server, wanted, lambda record: record)
    return _expect(server, finder, wanted, f"a record of the stream {stream}", within, records)


def expect_profile(server, pattern=None, *, key, value, domain=None, within=None):
    """Waits for a profile of Customer Profiles that a search key finds and a pattern matches."""
    if domain is None:
        domains = [it["DomainName"] for it in server.connection.call("customer-profiles", "ListDomains").get("Items", [])]
        domain = _only(domains, "domains of Customer Profiles")

    def profiles():
        search = {"DomainName": domain, "KeyName": key, "Values": [value]}
        return server.connection.call("customer-profiles", "SearchProfiles", **search).get("Items", [])

    finder = Finder(server, pattern, lambda profile: profile) if pattern else _Test(lambda _: True)
    return _expect(server, finder, pattern or {}, f"a profile in {domain} with {key} {value},", within, profiles)


def expect_case(server, pattern, *, domain=None, within=None):
    """Waits for a case whose fields match, those of the system by id (`title`, `status`) and the domain's own by name."""
    domains = {it["name"]: it["domainId"] for it in server.connection.call("connectcases", "ListDomains")["domains"]}
    domain_id = domains[domain] if domain is not None else _only(list(domains.values()), "Cases domains")
    fields = _pages(server, "ListFields", "fields", domainId=domain_id)
    names = {it["fieldId"]: it["fieldId"] if it["namespace"] == "System" else it["name"] for it in fields}
    missing = next((name for name in pattern if name != "$or" and name not in names.values()), None)
    if missing is not None:
        raise ValueError(f"There is no field {missing}; there are {', '.join(names.values())}")
    asked = sorted(names, key=lambda id: names[id] not in pattern)[:FIELDS_MAX]

    def cases():
        search = {"domainId": domain_id, "fields": [{"id": id} for id in asked], "maxResults": PAGE}
        return [
            {
                "caseId": it["caseId"],
                "templateId": it["templateId"],
                "fields": {names[field["id"]]: next(iter(field["value"].values()), None) for field in it["fields"]},
            }
            for it in _pages(server, "SearchCases", "cases", **search)
        ]

    finder = Finder(server, pattern, lambda found: found["fields"])
    return _expect(server, finder, pattern, "a case", within, cases)


def expect_delivery(server, *, target=None, rule=None, outcome="delivered", within=None):
    """Waits for an attempt to bring something outside: to a function, an API destination, a mail server. `target` and `rule` are ARNs or names in them."""
    attempts = []

    def look():
        attempts[:] = server.connection.ask("GET", f"deliveries/attempts?limit={LISTED_MAX}")["attempts"]
        named = (it for it in reversed(attempts) if _is_named(it["target"], target) and _is_named(it.get("rule"), rule))
        return next((it for it in named if it["outcome"] == outcome), None)

    found = wait_for(server.clock, within, look)
    if found is not None:
        return found
    owed = server.connection.ask("GET", "deliveries?limit=5")["deliveries"]
    rows = [f"There is no delivery such as {shown({'outcome': outcome, 'target': target, 'rule': rule})}."]
    rows.append(f"Attempted, the newest first: {shown(attempts[:5])}" if attempts else "Nothing was attempted.")
    if owed:
        rows.append(f"Still owed: {shown(owed)}")
    raise AssertionError("\n".join(rows))


def expect_rule(server, name):
    """About a rule of Connect or EventBridge by its name; one on another bus than the default one as BUS/NAME."""
    return RuleExpectation(server, name)


class RuleExpectation:
    def __init__(self, server, name):
        self._server = server
        self._name = name

    def to_match(self, subject, *, within=None):
        """`subject` is a contact, the id of whatever else rules of Connect look at, or an event as a dict for a rule of EventBridge."""
        looks = []

        def look():
            looks[:] = self._look(subject)
            return True if any(it["matched"] for it in looks) else None

        if wait_for(self._server.clock, within, look) is None:
            rows = [row for it in looks for row in _rows(it)]
            raise AssertionError("\n".join([f"Rule {self._name} was to match {_named(subject)}, and did not.", *rows]))

    def not_to_match(self, subject):
        self._server.clock.settle()
        matching = [it for it in self._look(subject) if it["matched"]]
        if matching:
            rows = [row for it in matching for row in _rows(it)]
            raise AssertionError("\n".join([f"Rule {self._name} was not to match {_named(subject)}, and did.", *rows]))

    def _look(self, subject):
        if isinstance(subject, dict):
            return [self._server.connection.ask("POST", "explain", {"rule": self._name, "event": subject})]
        question = {"subject": getattr(subject, "id", subject), "rule": self._name}
        if hasattr(subject, "instance_id"):
            question["instance"] = subject.instance_id
        answer = self._server.connection.ask("POST", "explain", question)
        looks = [
            {**rule, "occasion": f"{asked['source']}, {asked['time']}"} for asked in answer["inputs"] for rule in asked["rules"]
        ]
        return looks or [{"matched": False, "note": answer.get("note", "It was not asked.")}]


def _rows(look):
    told = [f"{look['occasion']}:"] if "occasion" in look else []
    told += [look[name] for name in ("note", "reason") if name in look]
    return told + (shown_verdict(look["condition"]) if "condition" in look else [])


def _named(subject):
    return shown(subject) if isinstance(subject, dict) else str(subject)


def _expect(server, finder, wanted, what, within, list_candidates):
    candidates = []

    def look():
        candidates[:] = list_candidates()
        return finder.find(candidates)

    found = wait_for(server.clock, within, look)
    if found is not None:
        return found
    raise unmatched(what, wanted, candidates, finder.nearest(candidates), server.clock.now())


class _Test:
    """Finds by a function of the document: there is no telling what came nearest."""

    def __init__(self, test):
        self._test = test

    def find(self, candidates):
        return next((candidate for candidate in candidates if self._test(candidate)), None)

    def nearest(self, _candidates):
        return None


def _lines(server, name):
    return server.connection.lines(f"live?{urlencode({'name': name, 'from': 'oldest', 'follow': 'false'})}")


def _document(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def _pages(server, operation, member, **members):
    found, token = [], None
    while True:
        more = {} if token is None else {"nextToken": token}
        page = server.connection.call("connectcases", operation, **members, **more)
        found += page[member]
        token = page.get("nextToken")
        if token is None:
            return found


def _only(names, what):
    if len(names) != 1:
        raise ValueError(f"There are {len(names)} {what}: say which")
    return names[0]


def _is_named(arn, wanted):
    return wanted is None or arn == wanted or wanted in re.split("[/:]", arn or "")
