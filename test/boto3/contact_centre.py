"""People, routing, and a contact of each channel through its life, as boto3 drives and sees them. Prints what it saw as JSON."""

import json
import os
import time
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

URL = os.environ["AWS_ENDPOINT_URL"]
OPTIONS = {
    "endpoint_url": URL,
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
connect = boto3.client("connect", **OPTIONS)
kinesis = boto3.client("kinesis", **OPTIONS)
events = boto3.client("events", **OPTIONS)


def control(path, body):
    """A signed request to Trunkline's own endpoints."""
    data = json.dumps(body).encode()
    request = AWSRequest("POST", f"{URL}/_trunkline/{path}", data=data, headers={"content-type": "application/json"})
    SigV4Auth(Credentials("test", "test"), "connect", "us-east-1").add_auth(request)
    prepared = request.prepare()
    sent = urllib.request.Request(prepared.url, data=data, headers=dict(prepared.headers), method="POST")
    with urllib.request.urlopen(sent) as answer:
        return json.loads(answer.read())


def new_stream(name):
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]


def read(name):
    shard = kinesis.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    found = []
    while True:
        page = kinesis.get_records(ShardIterator=iterator)
        found += [json.loads(record["Data"]) for record in page["Records"]]
        if page["MillisBehindLatest"] == 0:
            return found
        iterator = page["NextShardIterator"]


instance = connect.create_instance(
    IdentityManagementType="CONNECT_MANAGED", InstanceAlias="boto", InboundCallsEnabled=True, OutboundCallsEnabled=True
)
of = {"InstanceId": instance["Id"]}
for kind, stream in (("AGENT_EVENTS", "agents"), ("CONTACT_TRACE_RECORDS", "records")):
    target = {"StorageType": "KINESIS_STREAM", "KinesisStreamConfig": {"StreamArn": new_stream(stream)}}
    connect.associate_instance_storage_config(**of, ResourceType=kind, StorageConfig=target)
events.put_rule(Name="contacts", EventPattern=json.dumps({"source": ["aws.connect"]}))
events.put_targets(Rule="contacts", Targets=[{"Id": "1", "Arn": new_stream("bus")}])

hours = connect.list_hours_of_operations(**of)["HoursOfOperationSummaryList"][0]["Id"]
queue = connect.create_queue(**of, Name="Returns", HoursOfOperationId=hours)["QueueId"]
channels = ("VOICE", "CHAT", "TASK", "EMAIL")
profile = connect.create_routing_profile(
    **of,
    Name="Everything",
    Description="All channels",
    DefaultOutboundQueueId=queue,
    MediaConcurrencies=[{"Channel": channel, "Concurrency": 1} for channel in channels],
    QueueConfigs=[
        {"QueueReference": {"QueueId": queue, "Channel": channel}, "Priority": 1, "Delay": 0} for channel in channels
    ],
)["RoutingProfileId"]
security = next(
    one["Id"] for one in connect.list_security_profiles(**of)["SecurityProfileSummaryList"] if one["Name"] == "Agent"
)
users = []
for name in ("ada", "bea", "cleo"):
    user = connect.create_user(
        **of,
        Username=name,
        Password="Secret-1234",
        IdentityInfo={"FirstName": name.title(), "LastName": "Example", "Email": f"{name}@example.com"},
        PhoneConfig={"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 0},
        SecurityProfileIds=[security],
        RoutingProfileId=profile,
    )
    users.append(user["UserId"])
pages = list(connect.get_paginator("list_users").paginate(**of, PaginationConfig={"PageSize": 1}))
criteria = {"StringCondition": {"FieldName": "Username", "Value": "ad", "ComparisonType": "STARTS_WITH"}}
found = connect.search_users(**of, SearchCriteria=criteria)["Users"]

agent = users[0]
statuses = {one["Name"]: one["Id"] for one in connect.list_agent_statuses(**of)["AgentStatusSummaryList"]}
connect.put_user_status(**of, UserId=agent, AgentStatusId=statuses["Available"])

lives = {}
for channel in channels:
    arrival = {"channel": channel, "queueId": queue, "name": "Form"}
    contact = control(f"contacts/{of['InstanceId']}", arrival)["contactId"]
    act = lambda what: control(f"agents/{of['InstanceId']}/{agent}/{what}", {"contactId": contact})
    act("accept")
    if channel == "VOICE":
        act("hold")
        act("resume")
        counted = connect.get_current_metric_data(
            **of,
            Filters={"Queues": [queue], "Channels": ["VOICE"]},
            CurrentMetrics=[{"Name": "AGENTS_ON_CONTACT", "Unit": "COUNT"}],
        )
        data = connect.get_current_user_data(**of, Filters={"Agents": [agent]})["UserDataList"][0]
    connect.update_contact_attributes(**of, InitialContactId=contact, Attributes={"order": "17"})
    connect.tag_contact(**of, ContactId=contact, Tags={"team": "returns"})
    act("hang-up")
    act("clear")
    lives[channel] = contact

errors = {}
for name, ask in {
    "ResourceNotFoundException": lambda: connect.describe_contact(**of, ContactId="00000000-0000-4000-8000-000000000000"),
    "ContactNotFoundException": lambda: connect.stop_contact(**of, ContactId=lives["TASK"]),
    "DuplicateResourceException": lambda: connect.create_queue(**of, Name="Returns", HoursOfOperationId=hours),
}.items():
    try:
        ask()
    except getattr(connect.exceptions, name) as error:
        errors[name] = error.response["ResponseMetadata"]["HTTPStatusCode"]

# Routing to the stream follows the commit, at once but not within it.
for _ in range(100):
    told = read("bus")
    if sum(one["detail"]["eventType"] == "COMPLETED" for one in told) == len(channels):
        break
    time.sleep(0.05)

described = {channel: connect.describe_contact(**of, ContactId=contact)["Contact"] for channel, contact in lives.items()}
print(
    json.dumps(
        {
            "pages": len(pages),
            "found": [one["Username"] for one in found],
            "types": {
                channel: [one["detail"]["eventType"] for one in told if one["detail"]["contactId"] == contact]
                for channel, contact in lives.items()
            },
            "reasons": {channel: contact["DisconnectReason"] for channel, contact in described.items()},
            "attributes": described["CHAT"]["Attributes"],
            "tag": described["CHAT"]["Tags"]["team"],
            "records": {one["ContactId"]: one["Attributes"] for one in read("records")}
            == {contact: {"order": "17"} for contact in lives.values()},
            "agent": [one["EventType"] for one in read("agents")][:2],
            "onContact": counted["MetricResults"][0]["Collections"][0]["Value"],
            "userContacts": [one["AgentContactState"] for one in data["Contacts"]],
            "errors": errors,
        }
    )
)
