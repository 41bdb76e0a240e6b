"""Calculated attributes and segments of Customer Profiles, as boto3 drives and sees them. Prints what it saw as JSON."""

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
profiles = boto3.client("customer-profiles", **options)
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}), **options)

DOMAIN = "harbor-retail"


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] + ": " + error.response["Error"]["Message"]
    return None


def until(ask, done):
    for _ in range(100):
        answer = ask()
        if done(answer):
            return answer
        time.sleep(0.05)
    raise SystemExit("It has not come to its end")


profiles.create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
profiles.put_profile_object_type(
    DomainName=DOMAIN,
    ObjectTypeName="ParcelScan",
    Description="Parcel scans",
    AllowProfileCreation=True,
    Fields={
        "id": {"Source": "_source.scan.id"},
        "shopper": {"Source": "_source.shopper", "Target": "_profile.AccountNumber"},
    },
    Keys={
        "scanKey": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
        "_account": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["shopper"]}],
    },
)
profiles.create_calculated_attribute_definition(
    DomainName=DOMAIN,
    CalculatedAttributeName="held_parcels",
    DisplayName="Held parcels",
    AttributeDetails={"Attributes": [{"Name": "scan.id"}], "Expression": "{ParcelScan.scan.id}"},
    Statistic="COUNT",
    Conditions={
        "Range": {"Unit": "DAYS", "Value": 30},
        "Threshold": {"Operator": "GREATER_THAN", "Value": "1"},
    },
    Filter={
        "Include": "ALL",
        "Groups": [
            {
                "Type": "ANY",
                "Dimensions": [
                    {"Attributes": {"scan.state": {"DimensionType": "INCLUSIVE", "Values": ["HELD"]}}}
                ],
            }
        ],
    },
)
for number, (shopper, state) in enumerate([("1", "HELD"), ("1", "HELD"), ("2", "HELD"), ("2", "OK")]):
    scan = {"scan": {"id": f"s-{number}", "state": state}, "shopper": shopper}
    profiles.put_profile_object(DomainName=DOMAIN, ObjectTypeName="ParcelScan", Object=json.dumps(scan))


def shopper(number):
    found = profiles.search_profiles(DomainName=DOMAIN, KeyName="_account", Values=[number])
    return found["Items"][0]["ProfileId"]


ids = [shopper("1"), shopper("2")]
values = profiles.batch_get_calculated_attribute_for_profile(
    DomainName=DOMAIN, CalculatedAttributeName="held_parcels", ProfileIds=ids
)["CalculatedAttributeValues"]

groups = {
    "Groups": [
        {
            "Dimensions": [
                {"CalculatedAttributes": {"held_parcels": {"DimensionType": "EQUAL", "Values": ["true"]}}}
            ]
        }
    ]
}
segment = {"DomainName": DOMAIN, "SegmentDefinitionName": "waiting"}
created = profiles.create_segment_definition(**segment, DisplayName="Waiting", SegmentGroups=groups)
membership = profiles.get_segment_membership(**segment, ProfileIds=ids)
estimate = profiles.create_segment_estimate(DomainName=DOMAIN, SegmentQuery=groups)
counted = until(
    lambda: profiles.get_segment_estimate(DomainName=DOMAIN, EstimateId=estimate["EstimateId"]),
    lambda answer: answer["Status"] != "RUNNING",
)

s3.create_bucket(Bucket="segments")
snapshot = profiles.create_segment_snapshot(**segment, DataFormat="JSONL", DestinationUri="s3://segments/out")
written = until(
    lambda: profiles.get_segment_snapshot(**segment, SnapshotId=snapshot["SnapshotId"]),
    lambda answer: answer["Status"] != "IN_PROGRESS",
)
key = s3.list_objects_v2(Bucket="segments")["Contents"][0]["Key"]
lines = s3.get_object(Bucket="segments", Key=key)["Body"].read().decode().splitlines()

print(
    json.dumps(
        {
            "values": [value["Value"] for value in values],
            "arn": created["SegmentDefinitionArn"],
            "results": [profile["QueryResult"] for profile in membership["Profiles"]],
            "estimate": [counted["Status"], counted["Estimate"], counted["StatusCode"]],
            "snapshot": [written["Status"], [json.loads(line)["AccountNumber"] for line in lines]],
            "taken": refusal(profiles.create_segment_definition, **segment, DisplayName="x", SegmentGroups=groups),
            "missing": refusal(profiles.get_segment_definition, DomainName=DOMAIN, SegmentDefinitionName="nothing"),
        }
    )
)
