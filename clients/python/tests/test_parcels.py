"""What somebody would write who tests with the kit and pytest."""

import datetime
import json
import pathlib
import re
import socket
import subprocess
import sys

import pytest

from trunkline import (
    RefusedError,
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
    start_trunkline,
)


def rule_on_words(trunkline, instance_id, name, *words):
    condition = {
        "Operator": "CONTAINS_ANY",
        "Operands": words,
        "ComparisonValue": "$.ContactLens.PostCall.ExactMatch.Transcript",
        "Negate": False,
    }
    trunkline.connection.call(
        "connect",
        "CreateRule",
        InstanceId=instance_id,
        Name=name,
        TriggerEventSource={"EventSourceName": "OnPostCallAnalysisAvailable"},
        Function=json.dumps({"Version": "2022-11-25", "RuleFunction": {"Operator": "AND", "Operands": [condition]}}),
        Actions=[{"ActionType": "ASSIGN_CONTACT_CATEGORY", "AssignContactCategoryAction": {}}],
        PublishStatus="PUBLISHED",
    )


def test_a_call_is_answered_talked_through_and_told_of(trunkline, trunkline_clock):
    centre = trunkline.centre(queues=["support"], agents=["anna"])
    anna = centre.agent("anna").signs_in()
    begun = trunkline_clock.now()

    call = centre.call(from_="+447700900123")
    anna.answers(call).says("Good morning, how can I help?")
    call.says("Where is my parcel?").hangs_up()
    anna.clears()

    assert trunkline_clock.now() > begun, "talking takes its time"
    assert [it["text"] for it in call.view()["said"]] == ["Good morning, how can I help?", "Where is my parcel?"]
    event = expect_event(trunkline, {"detail": {"contactId": [call.id], "eventType": ["DISCONNECTED"]}})
    assert event["detail"]["queueInfo"]["queueArn"].endswith(centre.queue_ids["support"])
    record = expect_record(trunkline, centre.contact_records, {"ContactId": [call.id]})
    assert record["Agent"]["Username"] == "anna"
    expect_record(trunkline, centre.agent_events, lambda told: told["EventType"] == "LOGIN")


def test_a_rule_listens_to_what_is_said(trunkline):
    centre = trunkline.centre()
    rule_on_words(trunkline, centre.instance_id, "late", "parcel")
    rule_on_words(trunkline, centre.instance_id, "angry", "outrageous")
    anna = centre.agent("anna").signs_in()
    call = centre.call()
    anna.answers(call)
    call.says("Where is my parcel?").hangs_up()
    anna.clears()
    expect_rule(trunkline, "late").to_match(call, within=datetime.timedelta(minutes=5))
    expect_rule(trunkline, "angry").not_to_match(call)
    with pytest.raises(
        AssertionError, match=r"Rule angry was to match VOICE contact .*, and did not\.\nOnPost(.*\n)*.*✗ .*outrageous"
    ):
        expect_rule(trunkline, "angry").to_match(call)
    with pytest.raises(AssertionError, match=r"was not to match (.*\n)*.*✓ .*parcel"):
        expect_rule(trunkline, "late").not_to_match(call)


def test_an_event_that_did_not_come_is_told_of_with_what_came_nearest(trunkline):
    centre = trunkline.centre(queues=["orders", "billing"])
    call = centre.call(queue="billing").waits("PT90S").hangs_up()
    pattern = {"detail": {"contactId": [call.id], "eventType": ["CONNECTED_TO_AGENT"]}}
    expect_no_event(trunkline, pattern, within="PT1H")
    with pytest.raises(AssertionError) as raised:
        expect_event(trunkline, pattern)
    assert str(raised.value).startswith("There is not an event on the bus default such as {")
    assert "✓ detail.contactId" in str(raised.value)
    assert re.search("✗ detail.eventType .*CONNECTED_TO_AGENT", str(raised.value))
    with pytest.raises(AssertionError, match="and this does: {"):
        expect_no_event(trunkline, {"detail": {"contactId": [call.id]}})


def test_a_rule_of_a_bus_brings_an_event_to_a_stream(trunkline, trunkline_client):
    kinesis, events = trunkline_client("kinesis"), trunkline_client("events")
    kinesis.create_stream(StreamName="parcels", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="parcels")["StreamDescriptionSummary"]["StreamARN"]
    events.put_rule(Name="lost", EventPattern='{"detail":{"state":["LOST"]}}')
    events.put_targets(Rule="lost", Targets=[{"Id": "parcels", "Arn": arn}])
    parcel = {"Source": "parcels", "DetailType": "Parcel", "Detail": '{"state":"LOST"}'}
    expect_rule(trunkline, "lost").to_match(parcel)
    with pytest.raises(AssertionError, match="✗ detail.state .*LOST.*FOUND"):
        expect_rule(trunkline, "lost").to_match({**parcel, "Detail": '{"state":"FOUND"}'})
    events.put_events(Entries=[parcel])
    assert expect_record(trunkline, "parcels", {"detail": {"state": ["LOST"]}})["source"] == "parcels"
    with pytest.raises(AssertionError, match=r"not a record of the stream parcels(.*\n)*.*✗ detail.state"):
        expect_record(trunkline, "parcels", {"detail": {"state": ["FOUND"]}})
    with pytest.raises(AssertionError, match="Nothing was attempted"):
        expect_delivery(trunkline, rule="lost")


def test_messages_and_lines_of_logs_are_waited_for_and_what_came_since(trunkline):
    call = trunkline.connection.call
    call("sqs", "CreateQueue", QueueName="parcels")
    call("logs", "CreateLogGroup", logGroupName="/parcels")
    call("events", "PutRule", Name="parcels", EventPattern='{"source":["parcels"]}')
    names = ["sqs:us-east-1:000000000000:parcels", "logs:us-east-1:000000000000:log-group:/parcels"]
    call("events", "PutTargets", Rule="parcels", Targets=[{"Id": str(at), "Arn": f"arn:aws:{it}"} for at, it in enumerate(names)])

    def send(id):
        call("events", "PutEvents", Entries=[{"Source": "parcels", "DetailType": "Lost", "Detail": json.dumps({"id": id})}])

    send(17)
    first = expect_event(trunkline, {"source": ["parcels"]})
    assert expect_message(trunkline, "parcels", {"detail": {"id": [17]}})["body"]["id"] == first["id"]
    attributes = {"weight": {"DataType": "Number", "StringValue": "2"}}
    queue = call("sqs", "GetQueueUrl", QueueName="parcels")["QueueUrl"]
    call("sqs", "SendMessage", QueueUrl=queue, MessageBody='{"id":7}', MessageAttributes=attributes)
    assert expect_message(trunkline, "parcels", {"id": [7]})["attributes"] == {"weight": "2"}
    assert '"id":17' in expect_log(trunkline, "/parcels", '"id":17')
    expect_no_event(trunkline, {"source": ["parcels"]}, since=first)
    send(18)
    assert expect_event(trunkline, {}, since=first)["detail"]["id"] == 18
    expect_no_event(trunkline, {}, since=trunkline.clock.advance("PT1M"))
    with pytest.raises(
        AssertionError, match=r"not a message in parcels (.*\n)*.*detail\.id is 18(.*\n)*.*Of another: detail\.id is 17"
    ):
        expect_message(trunkline, "parcels", {"detail": {"id": [19]}})
    with pytest.raises(AssertionError, match=r"There are 2; the last:\n  \{"):
        expect_log(trunkline, "/parcels", re.compile('"id":19'))
    with pytest.raises(AssertionError, match="There is no such log group"):
        expect_log(trunkline, "/none", "?")


NOTES = pathlib.Path(__file__).parents[3] / "test/kit/notes/notes.yaml"


def test_invocations_of_a_function_are_asked_for_and_what_did_not_come_is_explained():
    with start_trunkline(init=NOTES) as server:
        centre = server.centre()
        with pytest.raises(AssertionError, match=r"rule ended of default: It has seen nothing|matched none of the last"):
            expect_invocation(server, "note-end")
        call = centre.call().hangs_up()
        event = {"detail": {"contactId": [call.id]}}
        noted = expect_invocation(server, "note-end", {"event": event, "status": ["success"]})
        assert noted["answer"] == {"noted": call.id}
        expect_no_invocation(server, "note-end", {"status": ["error"]})
        centre.chat().hangs_up()
        failed = expect_invocation(server, "note-end", {"error": {"errorMessage": ["Nobody notes CHAT"]}}, since=noted)
        with pytest.raises(AssertionError, match="Events that wait for note-end, to be handled or tried again: 1"):
            expect_invocation(server, "note-end", since=failed)
        again = expect_invocation(server, "note-end", since=failed, within=datetime.timedelta(minutes=2))
        assert again["requestId"] == failed["requestId"]
        with pytest.raises(AssertionError, match=r"No invocation of note-end was to match"):
            expect_no_invocation(server, "note-end", {"event": event})
        server.reset()
        assert expect_no_invocation(server, "note-end") is None, "the function is there again, and was not called"


def test_a_record_that_a_trigger_did_not_send_is_told_of_with_the_reason():
    with start_trunkline(init=NOTES) as server:
        call = server.connection.call

        def put(id, state):
            scan = json.dumps({"id": id, "shopper": "7", "state": state})
            call("customer-profiles", "PutProfileObject", DomainName="parcels", ObjectTypeName="Scan", Object=scan)

        with pytest.raises(AssertionError, match="Event trigger held of parcels tells nobody: no integration carries it"):
            expect_record(server, "held", {})
        held = {"Uri": "arn:aws:kinesis:us-east-1:000000000000:stream/held", "EventTriggerNames": ["held"]}
        role = "arn:aws:iam::000000000000:role/notes"
        call("customer-profiles", "PutIntegration", DomainName="parcels", RoleArn=role, **held)
        put("1", "HELD")
        with pytest.raises(AssertionError, match="Scan was refused at .*: No profile matched and AllowProfileCreation"):
            expect_record(server, "held", {})
        call("customer-profiles", "CreateProfile", DomainName="parcels", AccountNumber="7")
        put("2", "MOVING")
        expect_no_record(server, "held", {})
        with pytest.raises(AssertionError, match=r"kept silent on object .*MOVING.*HELD(.*\n)* +✗ _source\.state"):
            expect_record(server, "held", {})
        put("3", "HELD")
        told = expect_record(server, "held", lambda it: it["eventTriggerName"] == "held")
        assert told.partition_key == told["profileId"]
        assert "domainName" in told
        for anything in ({}, lambda _: True):
            expect_no_record(server, "held", anything, since=told)
            with pytest.raises(AssertionError, match="No record of the stream held was to match"):
                expect_no_record(server, "held", anything)


def test_messages_that_are_not_to_come(trunkline):
    call = trunkline.connection.call
    queue = call("sqs", "CreateQueue", QueueName="quiet")["QueueUrl"]
    expect_no_message(trunkline, "quiet")
    with pytest.raises(AssertionError, match="Nothing is set up to send there: no rule"):
        expect_message(trunkline, "quiet")
    call("sqs", "SendMessage", QueueUrl=queue, MessageBody='{"id":7}')
    expect_no_message(trunkline, "quiet", {"id": [8]})
    with pytest.raises(AssertionError, match=r"No message in quiet was to match (.*\n)*.*and this does"):
        expect_no_message(trunkline, "quiet", {"id": [7]})


def test_what_is_no_beginning_is_refused_as_since(trunkline):
    trunkline.connection.call("kinesis", "CreateStream", StreamName="parcels", ShardCount=1)
    for since in ("yesterday", {}, {"id": 7}, 1):
        with pytest.raises(ValueError, match="since is a datetime or what was found before, with its id"):
            expect_event(trunkline, {}, since=since)
        with pytest.raises(ValueError, match="with its sequence_number"):
            expect_record(trunkline, "parcels", {}, since=since)
        with pytest.raises(ValueError, match="with its sequence_number"):
            expect_record(trunkline, "parcels", lambda _: True, since=since)
    with pytest.raises(RefusedError, match="has nothing of the id nobody"):
        expect_event(trunkline, {}, since={"id": "nobody"})


def test_a_boto3_that_is_too_old_is_told_of(trunkline_client):
    with pytest.raises(ValueError, match=r"boto3 \S+ \(botocore \S+\) knows no service nonesuch: take a newer boto3, or"):
        trunkline_client("nonesuch")
    with pytest.raises(AttributeError, match=r"knows no make_coffee of customer-profiles: take a newer boto3"):
        trunkline_client("customer-profiles").make_coffee()


def test_a_server_ends_when_the_process_that_started_it_is_killed():
    program = """
from trunkline import start_trunkline
import time
print(start_trunkline().url, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    port = int(parent.stdout.readline().rsplit(":", 1)[1])
    parent.kill()
    parent.communicate()
    # It lets go of its port when it has ended.
    while socket.socket().connect_ex(("127.0.0.1", port)) == 0:
        pass


def test_what_one_test_has_made_is_not_there_in_the_next(trunkline_client):
    assert trunkline_client("kinesis").list_streams()["StreamNames"] == []


def test_agents_of_every_channel(trunkline):
    centre = trunkline.centre(
        queues=["orders", "billing"], agents=["anna", {"name": "ben", "queues": ["billing"], "auto_accepts": True}]
    )
    anna, ben = centre.agent("anna").signs_in(), centre.agent("ben")
    for arrive in (centre.chat, centre.task, centre.email):
        contact = arrive()
        anna.answers(contact)
        if contact.channel == "CHAT":
            anna.says("Hello")
        anna.hangs_up().clears()
        expect_event(trunkline, {"detail": {"contactId": [contact.id], "eventType": ["DISCONNECTED"]}})
    call = centre.call()
    anna.declines(call).clears(call).answers(call).holds().resumes()
    ben.signs_in()
    anna.transfers_to(queue="billing").leaves().clears()
    expect_event(trunkline, {"detail": {"initialContactId": [call.id], "eventType": ["CONNECTED_TO_AGENT"]}})
    with pytest.raises(AssertionError, match="is not offered to ben: it is .*, and ben is Available"):
        ben.answers(centre.call(queue="orders"))
    with pytest.raises(ValueError, match="ben: there is no status Asleep"):
        ben.becomes("Asleep")
    with pytest.raises(ValueError, match="no agent cleo; there are anna, ben"):
        centre.agent("cleo")
    with pytest.raises(ValueError, match="no queue nothing; there are orders, billing"):
        centre.call(queue="nothing")


def test_profiles_and_cases_are_waited_for(trunkline):
    call = trunkline.connection.call
    call("customer-profiles", "CreateDomain", DomainName="shop", DefaultExpirationDays=30)
    number = "+447700900123"
    profile = call("customer-profiles", "CreateProfile", DomainName="shop", FirstName="Ina", PhoneNumber=number)
    assert expect_profile(trunkline, key="_phone", value=number)["ProfileId"] == profile["ProfileId"]
    with pytest.raises(AssertionError, match=r'not a profile in shop with _phone (.*\n)*.*✗ FirstName .*"Ida".*"Ina"'):
        expect_profile(trunkline, {"FirstName": ["Ida"]}, key="_phone", value=number)

    of = {"domainId": call("connectcases", "CreateDomain", name="parcels")["domainId"]}
    layout = call("connectcases", "CreateLayout", **of, name="plain", content={"basic": {}})["layoutId"]
    layouts = {"defaultLayout": layout}
    template = call("connectcases", "CreateTemplate", **of, name="lost", layoutConfiguration=layouts)["templateId"]
    field = call("connectcases", "CreateField", **of, name="weight", type="Number")["fieldId"]
    customer = f"arn:aws:profile:us-east-1:000000000000:domains/shop/profiles/{profile['ProfileId']}"
    values = {"title": {"stringValue": "Parcel 17"}, "customer_id": {"stringValue": customer}, field: {"doubleValue": 2.5}}
    fields = [{"id": id, "value": value} for id, value in values.items()]
    call("connectcases", "CreateCase", **of, templateId=template, fields=fields)
    found = expect_case(trunkline, {"title": [{"prefix": "Parcel"}], "weight": [{"numeric": [">", 2]}]})
    assert found["fields"]["title"] == "Parcel 17"
    with pytest.raises(AssertionError, match=r"not a case such as (.*\n)*.*✗ weight .*2\.5"):
        expect_case(trunkline, {"weight": [{"numeric": ["<", 2]}]})
    with pytest.raises(ValueError, match="no field height; there are .*weight"):
        expect_case(trunkline, {"height": [1]})


def test_a_server_that_cannot_start_says_why():
    with pytest.raises(RuntimeError, match="nowhere.yaml cannot be read"):
        start_trunkline(environment={"TRUNKLINE_INIT": "nowhere.yaml"})
    with pytest.raises(RuntimeError, match="--port: 99999 is not a port"):
        start_trunkline(flags=["--port", "99999"])


def test_another_server_with_a_real_clock_waits_for_what_comes_by_itself(trunkline):
    with start_trunkline(clock="real", accounts={"ours": "111111111111", "theirs": "222222222222"}) as server:
        assert server.url != trunkline.url
        centre = server.centre()
        call = centre.call()
        centre.agent("anna").signs_in().answers(call).says("Hello").hangs_up().clears()
        expect_record(server, centre.contact_records, {"ContactId": [call.id]})
        with pytest.raises(AssertionError, match="There are 1; the last"):
            expect_record(server, centre.contact_records, lambda _: False, within="PT0.1S")
        with pytest.raises(RefusedError, match="The clock is real"):
            server.clock.advance("PT1S")
        with pytest.raises(ValueError, match="soon is no duration"):
            expect_event(server, {}, within="soon")
        assert server.as_("theirs").connection.call("sts", "GetCallerIdentity")["Account"] == "222222222222"
    with pytest.raises(ConnectionError):
        server.clock.now()


def test_a_server_that_runs_is_taken_and_left_running(trunkline, monkeypatch):
    monkeypatch.setenv("TRUNKLINE_URL", trunkline.url)
    with start_trunkline() as same:
        assert same.url == trunkline.url
    trunkline.clock.now()
