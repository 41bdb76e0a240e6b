"""Topics of SNS with subscriptions, and an API destination with its connection, as boto3 drives and sees them. Prints what it saw as JSON."""

import json
import os

import boto3
from botocore.exceptions import ClientError

options = {
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
sns = boto3.client("sns", **options)
sqs = boto3.client("sqs", **options)
events = boto3.client("events", **options)


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    return None


topic = sns.create_topic(Name="alerts", Attributes={"DisplayName": "Alerts"}, Tags=[{"Key": "a", "Value": "1"}])["TopicArn"]
queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
queue_arn = "arn:aws:sqs:us-east-1:000000000000:inbox"
subscription = sns.subscribe(
    TopicArn=topic,
    Protocol="sqs",
    Endpoint=queue_arn,
    Attributes={"FilterPolicy": json.dumps({"kind": ["alarm"]})},
    ReturnSubscriptionArn=True,
)["SubscriptionArn"]
kind = {"DataType": "String", "StringValue": "alarm"}
sns.publish(TopicArn=topic, Message="unseen")
sns.publish(TopicArn=topic, Subject="hello", Message="seen", MessageAttributes={"kind": kind})
batch = sns.publish_batch(
    TopicArn=topic,
    PublishBatchRequestEntries=[{"Id": str(n), "Message": f"batch {n}", "MessageAttributes": {"kind": kind}} for n in range(3)],
)
messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
bodies = [json.loads(one["Body"]) for one in messages]
attributes = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
topics = [one["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for one in page["Topics"]]

connection = events.create_connection(
    Name="desk",
    AuthorizationType="BASIC",
    AuthParameters={"BasicAuthParameters": {"Username": "me", "Password": "hush"}},
)
destination = events.create_api_destination(
    Name="desk", ConnectionArn=connection["ConnectionArn"], InvocationEndpoint="https://example.com", HttpMethod="POST"
)
shown = events.describe_connection(Name="desk")
events.delete_connection(Name="desk")

print(
    json.dumps(
        {
            "published": sorted(one["Message"] for one in bodies),
            "subjects": sorted({one.get("Subject", "") for one in bodies}),
            "signed": all(one["Signature"] and one["SigningCertURL"] for one in bodies),
            "batch": [one["Id"] for one in batch["Successful"]],
            "scope": attributes["FilterPolicyScope"],
            "topics": topics == [topic],
            "missing": refusal(sns.publish, TopicArn=topic + "x", Message="a"),
            "empty": refusal(sns.publish, TopicArn=topic, Message=""),
            "connection": [connection["ConnectionState"], shown["AuthParameters"]],
            "destination": destination["ApiDestinationState"],
            "inactive": events.describe_api_destination(Name="desk")["ApiDestinationState"],
        }
    )
)
