"""Archives, schedules, filter patterns, metric and subscription filters with boto3 as it is. Prints a JSON document of what came of them."""
import datetime
import gzip
import json
import os
import time

import boto3
from botocore.exceptions import ClientError

options = {
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
events = boto3.client("events", **options)
logs = boto3.client("logs", **options)
kinesis = boto3.client("kinesis", **options)
report = {}

logs.create_log_group(logGroupName="/shop")
logs.create_log_stream(logGroupName="/shop", logStreamName="web")
kinesis.create_stream(StreamName="errors", ShardCount=1)
logs.put_subscription_filter(
    logGroupName="/shop",
    filterName="errors",
    filterPattern="{ $.status >= 500 }",
    destinationArn="arn:aws:kinesis:us-east-1:000000000000:stream/errors",
    roleArn="arn:aws:iam::000000000000:role/logs",
)
logs.put_metric_filter(
    logGroupName="/shop",
    filterName="errors",
    filterPattern="{ $.status >= 500 }",
    metricTransformations=[{"metricName": "errors", "metricNamespace": "shop", "metricValue": "1"}],
)
now = int(time.time() * 1000)
messages = [json.dumps({"status": status}) for status in (200, 503, 404)]
logs.put_log_events(
    logGroupName="/shop",
    logStreamName="web",
    logEvents=[{"timestamp": now, "message": message} for message in messages],
)
found = logs.filter_log_events(logGroupName="/shop", filterPattern="{ $.status = 4* }")["events"]
report["filtered"] = [event["message"] for event in found]
tested = logs.test_metric_filter(filterPattern="[ip, status = 4*]", logEventMessages=["10.0.0.1 404", "10.0.0.1 200"])
report["extracted"] = tested["matches"][0]["extractedValues"]
report["metric_filters"] = logs.describe_log_groups(logGroupNamePrefix="/shop")["logGroups"][0]["metricFilterCount"]
iterator = kinesis.get_shard_iterator(
    StreamName="errors", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
)["ShardIterator"]
records = kinesis.get_records(ShardIterator=iterator)["Records"]
report["subscribed"] = [
    event["message"]
    for record in records[1:]
    for event in json.loads(gzip.decompress(record["Data"]))["logEvents"]
]

bus = events.create_event_bus(Name="shop")["EventBusArn"]
archive = events.create_archive(ArchiveName="orders", EventSourceArn=bus)["ArchiveArn"]
events.put_rule(Name="log", EventBusName="shop", EventPattern='{"source":["shop"]}')
events.put_targets(
    Rule="log",
    EventBusName="shop",
    Targets=[{"Id": "1", "Arn": "arn:aws:logs:us-east-1:000000000000:log-group:/shop"}],
)
events.put_events(Entries=[{"EventBusName": "shop", "Source": "shop", "DetailType": "placed", "Detail": "{}"}])
for _ in range(100):
    if events.describe_archive(ArchiveName="orders")["EventCount"] == 1:
        break
    time.sleep(0.05)
start = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
events.start_replay(
    ReplayName="again",
    EventSourceArn=archive,
    EventStartTime=start,
    EventEndTime=start.replace(year=2100),
    Destination={"Arn": bus},
)
for _ in range(200):
    state = events.describe_replay(ReplayName="again")["State"]
    if state == "COMPLETED":
        break
    time.sleep(0.05)
report["replay"] = state
for _ in range(100):
    found = logs.filter_log_events(logGroupName="/shop", filterPattern='{ $.replay-name = "again" }')["events"]
    if found:
        break
    time.sleep(0.05)
report["replayed"] = [json.loads(event["message"])["replay-name"] for event in found]
report["schedule"] = events.put_rule(Name="noon", ScheduleExpression="cron(0 12 ? * MON-FRI *)")["RuleArn"]
try:
    events.put_rule(Name="bad", ScheduleExpression="rate(1 minutes)")
except ClientError as error:
    report["error"] = error.response["Error"]["Message"]
print(json.dumps(report))
