"""A delivery stream to a bucket, and what the bucket is told to be, as boto3 drives and sees them. Prints what it saw as JSON."""

import gzip
import json
import os
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

options = {
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
firehose = boto3.client("firehose", **options)
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}), **options)
sqs = boto3.client("sqs", **options)


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    return None


def keys(bucket, prefix):
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]


s3.create_bucket(Bucket="records")
queue = sqs.create_queue(QueueName="stored")["QueueUrl"]
s3.put_bucket_notification_configuration(
    Bucket="records",
    NotificationConfiguration={
        "QueueConfigurations": [
            {
                "QueueArn": "arn:aws:sqs:us-east-1:000000000000:stored",
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "calls/"}]}},
            }
        ]
    },
)
s3.put_bucket_lifecycle_configuration(
    Bucket="records",
    LifecycleConfiguration={
        "Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "calls/"}, "Expiration": {"Days": 30}}]
    },
)
s3.put_bucket_tagging(Bucket="records", Tagging={"TagSet": [{"Key": "team", "Value": "floor"}]})

stream = firehose.create_delivery_stream(
    DeliveryStreamName="calls",
    ExtendedS3DestinationConfiguration={
        "RoleARN": "arn:aws:iam::000000000000:role/firehose",
        "BucketARN": "arn:aws:s3:::records",
        "Prefix": "calls/!{timestamp:yyyy}/",
        "ErrorOutputPrefix": "failed/!{firehose:error-output-type}/",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 900},
        "CompressionFormat": "GZIP",
        "ProcessingConfiguration": {
            "Enabled": True,
            "Processors": [{"Type": "AppendDelimiterToRecord", "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}]}],
        },
    },
    Tags=[{"Key": "team", "Value": "floor"}],
)["DeliveryStreamARN"]
firehose.put_record(DeliveryStreamName="calls", Record={"Data": b"one"})
batch = firehose.put_record_batch(DeliveryStreamName="calls", Records=[{"Data": b"two"}, {"Data": "dr\u00e4i".encode()}])
described = firehose.describe_delivery_stream(DeliveryStreamName="calls")["DeliveryStreamDescription"]
firehose.update_destination(
    DeliveryStreamName="calls",
    CurrentDeliveryStreamVersionId=described["VersionId"],
    DestinationId=described["Destinations"][0]["DestinationId"],
    ExtendedS3DestinationUpdate={"BufferingHints": {"SizeInMBs": 2, "IntervalInSeconds": 0}},
)
# What was gathered before an update is delivered at once.
deadline = time.time() + 30
while not keys("records", "calls/") and time.time() < deadline:
    time.sleep(0.02)
found = keys("records", "calls/")
text = gzip.decompress(s3.get_object(Bucket="records", Key=found[0])["Body"].read()).decode()
messages = []
while len(messages) < 2 and time.time() < deadline:
    messages += sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
records = [record for one in messages for record in json.loads(one["Body"]).get("Records", [])]

print(
    json.dumps(
        {
            "arn": stream,
            "failed": batch["FailedPutCount"],
            "status": described["DeliveryStreamStatus"],
            "version": firehose.describe_delivery_stream(DeliveryStreamName="calls")["DeliveryStreamDescription"]["VersionId"],
            "text": text,
            "told": [[one["eventName"], one["s3"]["object"]["key"] in found] for one in records],
            "days": s3.get_bucket_lifecycle_configuration(Bucket="records")["Rules"][0]["Expiration"]["Days"],
            "tags": s3.get_bucket_tagging(Bucket="records")["TagSet"],
            "stream_tags": firehose.list_tags_for_delivery_stream(DeliveryStreamName="calls")["Tags"],
            "names": firehose.list_delivery_streams()["DeliveryStreamNames"],
            "missing": refusal(firehose.describe_delivery_stream, DeliveryStreamName="nothing"),
            "stale": refusal(
                firehose.update_destination,
                DeliveryStreamName="calls",
                CurrentDeliveryStreamVersionId="1",
                DestinationId="destinationId-000000000001",
                S3DestinationUpdate={},
            )[0],
            "cors": refusal(s3.get_bucket_cors, Bucket="records")[0],
        }
    )
)
