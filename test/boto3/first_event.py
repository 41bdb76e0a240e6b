"""The same as examples/first-event.mjs, with boto3 as it is: a call's events arrive on a stream, live.

Reads AWS_ENDPOINT_URL itself, since boto3 before 1.28 does not. Prints a JSON document: the event types in order, and what
a few further calls answered.
"""
import json
import os
import sys

import boto3
from botocore.exceptions import ClientError

options = {
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
kinesis = boto3.client("kinesis", **options)
events = boto3.client("events", **options)
connect = boto3.client("connect", **options)
sqs = boto3.client("sqs", **options)
logs = boto3.client("logs", **options)
sts = boto3.client("sts", **options)
report = {"account": sts.get_caller_identity()["Account"]}

kinesis.create_stream(StreamName="calls", ShardCount=1)
kinesis.get_waiter("stream_exists").wait(StreamName="calls", WaiterConfig={"Delay": 1})
stream = kinesis.describe_stream_summary(StreamName="calls")["StreamDescriptionSummary"]
queue = sqs.create_queue(QueueName="calls")["QueueUrl"]
queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
logs.create_log_group(logGroupName="/aws/events/calls")
group_arn = "arn:aws:logs:us-east-1:%s:log-group:/aws/events/calls" % report["account"]

events.put_rule(Name="calls", EventPattern=json.dumps({"source": ["aws.connect"]}))
events.put_targets(
    Rule="calls",
    Targets=[
        {"Id": "stream", "Arn": stream["StreamARN"], "RoleArn": "arn:aws:iam::000000000000:role/r"},
        {"Id": "queue", "Arn": queue_arn},
        {"Id": "logs", "Arn": group_arn},
    ],
)
consumer = kinesis.register_stream_consumer(StreamARN=stream["StreamARN"], ConsumerName="reader")["Consumer"]
shard = kinesis.list_shards(StreamName="calls")["Shards"][0]
live = kinesis.subscribe_to_shard(
    ConsumerARN=consumer["ConsumerARN"], ShardId=shard["ShardId"], StartingPosition={"Type": "TRIM_HORIZON"}
)["EventStream"]

instance = connect.create_instance(
    IdentityManagementType="CONNECT_MANAGED", InstanceAlias="boto", InboundCallsEnabled=True, OutboundCallsEnabled=True
)["Id"]
flow = connect.list_contact_flows(InstanceId=instance, ContactFlowTypes=["CONTACT_FLOW"])["ContactFlowSummaryList"][0]
standard = connect.list_queues(InstanceId=instance, QueueTypes=["STANDARD"])["QueueSummaryList"][0]
contact = connect.start_outbound_voice_contact(
    InstanceId=instance,
    ContactFlowId=flow["Id"],
    QueueId=standard["Id"],
    DestinationPhoneNumber=sys.argv[1],
)["ContactId"]

report["types"] = []
for page in live:
    for record in page["SubscribeToShardEvent"]["Records"]:
        detail = json.loads(record["Data"])["detail"]
        if detail["contactId"] == contact:
            report["types"].append(detail["eventType"])
    if "COMPLETED" in report["types"]:
        break

received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)["Messages"]
report["queued"] = [json.loads(message["Body"])["detail"]["eventType"] for message in received]
lines = logs.filter_log_events(logGroupName="/aws/events/calls")["events"]
report["logged"] = sorted(json.loads(line["message"])["detail"]["eventType"] for line in lines)

# A record with every byte, back as it was, and an error that boto3 recognises.
data = bytes(range(256))
put = kinesis.put_record(StreamName="calls", PartitionKey="k", Data=data)
iterator = kinesis.get_shard_iterator(
    StreamName="calls",
    ShardId=put["ShardId"],
    ShardIteratorType="AT_SEQUENCE_NUMBER",
    StartingSequenceNumber=put["SequenceNumber"],
)["ShardIterator"]
report["same_bytes"] = kinesis.get_records(ShardIterator=iterator)["Records"][0]["Data"] == data
try:
    kinesis.describe_stream(StreamName="nothing")
except kinesis.exceptions.ResourceNotFoundException as error:
    report["error"] = error.response["Error"]["Message"]
try:
    connect.describe_contact(InstanceId=instance, ContactId="00000000-0000-4000-8000-000000000000")
except ClientError as error:
    report["connect_error"] = error.response["Error"]["Code"]
print(json.dumps(report))
