"""Customer Profiles: a domain, object types, objects, keys, search, merge, history, an event stream, as boto3 drives and sees them. Prints what it saw as JSON."""

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
customer_profiles = boto3.client("customer-profiles", **options)
kinesis = boto3.client("kinesis", **options)

domain = {"DomainName": "boto"}
report = {}


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


def found(name, *values, **more):
    return customer_profiles.search_profiles(KeyName=name, Values=list(values), **domain, **more)["Items"]


def put(object):
    return customer_profiles.put_profile_object(ObjectTypeName="Order", Object=json.dumps(object), **domain)[
        "ProfileObjectUniqueKey"
    ]


# A domain and the type of its objects.
created = customer_profiles.create_domain(DefaultExpirationDays=30, Tags={"team": "a"}, **domain)
customer_profiles.update_domain(DefaultExpirationDays=366, **domain)
got = customer_profiles.get_domain(**domain)
report["domain"] = [created["DomainName"], got["DefaultExpirationDays"], got["Tags"]]
customer_profiles.put_profile_object_type(
    ObjectTypeName="Order",
    Description="orders of a shop",
    AllowProfileCreation=True,
    Fields={
        "no": {"Source": "_source.no", "Target": "_order.Name"},
        "account": {"Source": "_source.customer.account", "Target": "_profile.AccountNumber"},
        "mail": {"Source": "_source.customer.mail", "Target": "_profile.EmailAddress", "ContentType": "EMAIL_ADDRESS"},
        "last": {"Source": "_source.customer.last", "Target": "_profile.LastName", "ContentType": "NAME"},
    },
    Keys={
        "orderKey": [{"StandardIdentifiers": ["UNIQUE", "ORDER"], "FieldNames": ["no"]}],
        "accountKey": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["account"]}],
    },
    **domain,
)
type_ = customer_profiles.get_profile_object_type(ObjectTypeName="Order", **domain)
report["type"] = [type_["AllowProfileCreation"], type_["Fields"]["mail"]["ContentType"], sorted(type_["Keys"])]
report["types"] = [one["ObjectTypeName"] for one in customer_profiles.list_profile_object_types(**domain)["Items"]]
report["templates"] = len(customer_profiles.list_profile_object_type_templates()["Items"])

stream = "boto-profiles"
kinesis.create_stream(StreamName=stream, ShardCount=1)
kinesis.get_waiter("stream_exists").wait(StreamName=stream)
uri = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
customer_profiles.create_event_stream(EventStreamName="changes", Uri=uri, **domain)
report["stream"] = customer_profiles.get_event_stream(EventStreamName="changes", **domain)["State"]
report["streams"] = [one["EventStreamName"] for one in customer_profiles.list_event_streams(**domain)["Items"]]

# Objects, one by one and, where this boto3 knows it, together.
first = put({"no": "o-1", "customer": {"account": "40017", "mail": "Ina@Example.com", "last": "Möller"}})
again = put({"no": "o-1", "customer": {"account": "40017", "mail": "Ina@Example.com", "last": "Möller-Graf"}})
report["same"] = first == again and len(first) == 44
others = [json.dumps({"no": f"o-{no}", "customer": {"account": "40017"}}) for no in (2, 3)]
if hasattr(customer_profiles, "batch_put_profile_object"):
    items = [{"Id": str(place), "Object": text} for place, text in enumerate([*others, "no object"])]
    batch = customer_profiles.batch_put_profile_object(ObjectTypeName="Order", Items=items, **domain)
    report["batch"] = [len(batch["Successful"]), [(one["Id"], one["Code"]) for one in batch["Failed"]]]
else:
    for text in others:
        put(json.loads(text))
    report["batch"] = "skipped: BatchPutProfileObject (this boto3 is older)"

# What they have become.
[profile] = found("_email", "ina@example.COM")
ina = profile["ProfileId"]
report["found"] = [profile["LastName"], profile["AccountNumber"], profile["FoundByItems"]]
orders = {"ProfileId": ina, "ObjectTypeName": "Order", **domain}
names, token = [], {}
while True:
    page = customer_profiles.list_profile_objects(MaxResults=2, **orders, **token)
    names.append(len(page["Items"]))
    if "NextToken" not in page:
        break
    token = {"NextToken": page["NextToken"]}
report["pages"] = names
standard = customer_profiles.list_profile_objects(
    ObjectFilter={"KeyName": "orderKey", "Values": ["o-1"]}, **{**orders, "ObjectTypeName": "_order"}
)["Items"]
report["standard"] = [json.loads(one["Object"])["Name"] for one in standard]
customer_profiles.delete_profile_object(ProfileObjectUniqueKey=first, **orders)
report["left"] = len(customer_profiles.list_profile_objects(**orders)["Items"])

# By hand: keys, a second profile, and one of both.
olga = customer_profiles.create_profile(FirstName="Olga", Attributes={"tier": "gold"}, **domain)["ProfileId"]
customer_profiles.update_profile(ProfileId=olga, Attributes={"tier": "", "depot": "Kiel"}, **domain)
customer_profiles.add_profile_key(ProfileId=olga, KeyName="accountKey", Values=["40018"], **domain)
report["keys"] = [
    len(found("accountKey", "40017", "40018")),
    len(found("accountKey", "40017", AdditionalSearchKeys=[{"KeyName": "_email", "Values": ["x"]}], LogicalOperator="AND")),
]
both = customer_profiles.batch_get_profile(ProfileIds=[ina, olga, "0" * 32], **domain)
report["got"] = [len(both["Profiles"]), [one["Code"] for one in both["Errors"]]]
customer_profiles.merge_profiles(MainProfileId=ina, ProfileIdsToBeMerged=[olga], **domain)
[merged] = found("accountKey", "40018")
report["merged"] = [merged["ProfileId"] == ina, merged["FirstName"], merged["Attributes"]]
customer_profiles.delete_profile_key(ProfileId=ina, KeyName="accountKey", Values=["40018"], **domain)
report["unkeyed"] = found("accountKey", "40018")

history = customer_profiles.list_profile_history_records(ProfileId=ina, **domain)["ProfileHistoryRecords"]
report["history"] = [one["ActionType"] for one in history]
record = customer_profiles.get_profile_history_record(ProfileId=ina, Id=history[-1]["Id"], **domain)
report["record"] = [record["PerformedBy"], "Content" in record]

# The stream was told, in order.
shard = kinesis.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
told = []
for _ in range(200):
    page = kinesis.get_records(ShardIterator=iterator)
    iterator = page["NextShardIterator"]
    told += [json.loads(one["Data"]) for one in page["Records"]]
    if told and told[-1].get("Object", {}).get("Attributes") == {"depot": "Kiel"} and told[-1]["Object"]["ProfileId"] == ina:
        break
    time.sleep(0.05)
of_ina = [one for one in told if ina in (one.get("AssociatedProfileId"), one.get("Object", {}).get("ProfileId"))]
report["told"] = [[one["EventType"], one["ObjectTypeName"]] for one in of_ina]

# Segments that are told to a stream.
if hasattr(customer_profiles, "put_segment_subscription"):
    segment = {"SegmentDefinitionName": "kiel", **domain}
    depot = {"ProfileAttributes": {"Attributes": {"depot": {"DimensionType": "INCLUSIVE", "Values": ["Kiel"]}}}}
    customer_profiles.create_segment_definition(
        DisplayName="Kiel", SegmentGroups={"Groups": [{"Dimensions": [depot]}]}, **segment
    )
    role = "arn:aws:iam::000000000000:role/segments"
    customer_profiles.associate_stream_for_segments(DestinationArn=uri, DestinationRoleArn=role, **domain)
    customer_profiles.put_segment_subscription(ScheduleConfiguration={"Interval": 1, "Unit": "HOURLY"}, **segment)
    subscribed = customer_profiles.get_segment_subscription(**segment)["Status"] in ("STARTING", "RUNNING")
    associated = [one["SegmentName"] for one in customer_profiles.get_stream_for_segments(**domain)["AssociatedSegments"]]
    customer_profiles.list_segment_subscription_events(**segment)
    customer_profiles.delete_segment_subscription(**segment)
    customer_profiles.disassociate_stream_for_segments(**domain)
    report["segments"] = [subscribed, associated, customer_profiles.get_stream_for_segments(**domain)["State"]]
else:
    report["segments"] = "skipped: streams of segments (this boto3 is older)"

report["refusals"] = [
    refusal(customer_profiles.create_domain, DefaultExpirationDays=30, **domain),
    refusal(customer_profiles.get_domain, DomainName="none"),
    refusal(customer_profiles.put_profile_object, ObjectTypeName="Order", Object="{", **domain),
    refusal(customer_profiles.put_profile_object, ObjectTypeName="Nothing", Object="{}", **domain),
    refusal(customer_profiles.merge_profiles, MainProfileId=ina, ProfileIdsToBeMerged=[olga], **domain),
    refusal(customer_profiles.list_profile_objects, NextToken="none", **orders),
]
customer_profiles.delete_profile(ProfileId=ina, **domain)
customer_profiles.delete_event_stream(EventStreamName="changes", **domain)
customer_profiles.delete_profile_object_type(ObjectTypeName="Order", **domain)
customer_profiles.delete_domain(**domain)
report["domains"] = customer_profiles.list_domains()["Items"]
print(json.dumps(report))
