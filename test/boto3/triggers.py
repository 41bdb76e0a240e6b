"""Event triggers of Customer Profiles, their integrations and campaigns, as boto3 drives and sees them. Prints what it saw as JSON."""

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
profiles = boto3.client("customer-profiles", **options)
campaigns = boto3.client("connectcampaignsv2", **options)
kinesis = boto3.client("kinesis", **options)

DOMAIN = {"DomainName": "harbour"}
TYPE = {"ObjectTypeName": "Scan"}
ROLE = {"RoleArn": "arn:aws:iam::000000000000:role/triggers"}
DOMAIN_ARN = "arn:aws:profile:us-east-1:000000000000:domains/harbour"


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


def condition(**attribute):
    return [{"LogicalOperator": "ALL", "EventTriggerDimensions": [{"ObjectAttributes": [attribute]}]}]


profiles.create_domain(DefaultExpirationDays=366, **DOMAIN)
profiles.put_profile_object_type(
    Description="a parcel has been seen",
    AllowProfileCreation=True,
    Fields={
        "id": {"Source": "_source.id", "ContentType": "STRING"},
        "shopper": {"Source": "_source.shopper", "Target": "_profile.AccountNumber", "ContentType": "STRING"},
    },
    Keys={
        "scanKey": [{"FieldNames": ["id"], "StandardIdentifiers": ["UNIQUE"]}],
        "shopperKey": [{"FieldNames": ["shopper"], "StandardIdentifiers": ["PROFILE"]}],
    },
    **DOMAIN,
    **TYPE,
)
held = condition(Source="state", ComparisonOperator="INCLUSIVE", Values=["HELD"])
limits = {"EventExpiration": 60000, "Periods": [{"Unit": "HOURS", "Value": 6, "MaxInvocationsPerProfile": 1}]}
for name in ("a", "b"):
    profiles.create_event_trigger(
        EventTriggerName=name, EventTriggerConditions=held, EventTriggerLimits=limits, Tags={"team": name}, **DOMAIN, **TYPE
    )
profiles.update_event_trigger(EventTriggerName="b", Description="held", **DOMAIN)
described = profiles.get_event_trigger(EventTriggerName="b", **DOMAIN)
first = profiles.list_event_triggers(MaxResults=1, **DOMAIN)
rest = profiles.list_event_triggers(MaxResults=1, NextToken=first["NextToken"], **DOMAIN)

campaign = campaigns.create_campaign(
    name="held", connectInstanceId="one", source={"eventTrigger": {"customerProfilesDomainArn": DOMAIN_ARN}}
)
kinesis.create_stream(StreamName="told", ShardCount=1)
stream = "arn:aws:kinesis:us-east-1:000000000000:stream/told"
profiles.put_integration(Uri=campaign["arn"], EventTriggerNames=["a"], **ROLE, **DOMAIN)
integration = profiles.put_integration(Uri=stream, EventTriggerNames=["b"], **ROLE, **DOMAIN)
for at in range(2):
    scan = {"id": f"s-{at}", "shopper": "40017", "state": "HELD"}
    profiles.put_profile_object(Object=json.dumps(scan), **DOMAIN, **TYPE)
shard = kinesis.get_shard_iterator(StreamName="told", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")
told = [json.loads(record["Data"]) for record in kinesis.get_records(ShardIterator=shard["ShardIterator"])["Records"]]
asked = campaigns.put_profile_outbound_request_batch(
    id=campaign["id"],
    profileOutboundRequests=[
        {"clientToken": "by-hand", "profileId": told[0]["profileId"]},
        {"clientToken": "nobody", "profileId": "0" * 32},
    ],
)
refusals = {
    "name taken": refusal(
        profiles.create_event_trigger, EventTriggerName="a", EventTriggerConditions=held, **DOMAIN, **TYPE
    ),
    "field": refusal(
        profiles.create_event_trigger,
        EventTriggerName="c",
        EventTriggerConditions=condition(FieldName="colour", ComparisonOperator="EQUAL", Values=["1"]),
        **DOMAIN,
        **TYPE,
    ),
    "value": refusal(
        profiles.create_event_trigger,
        EventTriggerName="c",
        EventTriggerConditions=condition(Source="kg", ComparisonOperator="EQUAL", Values=["heavy"]),
        **DOMAIN,
        **TYPE,
    ),
    "standard object": refusal(
        profiles.create_event_trigger,
        EventTriggerName="c",
        EventTriggerConditions=held,
        ObjectTypeName="_order",
        **DOMAIN,
    ),
    "in use": refusal(profiles.delete_event_trigger, EventTriggerName="a", **DOMAIN),
    "two triggers": refusal(profiles.put_integration, Uri=stream, EventTriggerNames=["a", "b"], **ROLE, **DOMAIN),
    "elsewhere": refusal(
        profiles.put_integration,
        Uri=stream.replace("000000000000", "111122223333"),
        EventTriggerNames=["a"],
        **ROLE,
        **DOMAIN,
    ),
    "trigger": refusal(profiles.get_event_trigger, EventTriggerName="none", **DOMAIN),
    "campaign": refusal(campaigns.describe_campaign, id="none"),
}
uris = [item["Uri"] for item in profiles.list_integrations(**DOMAIN)["Items"]]
domains = [item["DomainName"] for item in profiles.list_account_integrations(Uri=stream)["Items"]]
profiles.delete_integration(Uri=stream, **DOMAIN)
deleted = profiles.delete_event_trigger(EventTriggerName="b", **DOMAIN)["Message"]
campaigns.delete_campaign(id=campaign["id"])

print(
    json.dumps(
        {
            "described": [described[member] for member in ("Description", "EventTriggerLimits", "Tags")],
            "pages": [item["EventTriggerName"] for item in first["Items"] + rest["Items"]],
            "integration": [integration[member] for member in ("EventTriggerNames", "Scope")],
            "uris": uris == sorted([campaign["arn"], stream]),
            "domains": domains,
            "told": [[one["eventTriggerName"], json.loads(one["eventTriggerContext"]["sourceEvent"])["id"]] for one in told],
            "asked": [len(asked["successfulRequests"]), asked["failedRequests"][0]["failureCode"]],
            "refusals": refusals,
            "deleted": deleted,
        }
    )
)
