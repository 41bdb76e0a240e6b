"""Event integrations of AppIntegrations, all operations on them, as boto3 drives and sees them. Prints what it saw as JSON."""

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
appintegrations = boto3.client("appintegrations", **options)
events = boto3.client("events", **options)
connect = boto3.client("connect", **options)

SOURCE = "aws.partner/zendesk.com/1/default"


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


events.create_partner_event_source(Name=SOURCE, Account="000000000000")
events.create_event_bus(Name=SOURCE, EventSourceName=SOURCE)
wanted = {"EventFilter": {"Source": SOURCE}, "EventBridgeBus": SOURCE}
arn = appintegrations.create_event_integration(
    Name="help/desk", Description="one", ClientToken="t", Tags={"team": "a"}, **wanted
)["EventIntegrationArn"]
again = appintegrations.create_event_integration(Name="help/desk", ClientToken="t", **wanted)["EventIntegrationArn"]
default = {"EventFilter": {"Source": "aws.cases"}, "EventBridgeBus": "default"}
for name in ("a", "b"):
    appintegrations.create_event_integration(Name=name, **default)
appintegrations.update_event_integration(Name="help/desk", Description="two")
appintegrations.tag_resource(resourceArn=arn, tags={"tier": "gold"})
appintegrations.untag_resource(resourceArn=arn, tagKeys=["team"])

instance = connect.create_instance(
    IdentityManagementType="CONNECT_MANAGED", InstanceAlias="boto", InboundCallsEnabled=True, OutboundCallsEnabled=True
)["Id"]
association = connect.create_integration_association(
    InstanceId=instance, IntegrationType="EVENT", IntegrationArn=arn, SourceType="ZENDESK"
)["IntegrationAssociationId"]
associations = appintegrations.list_event_integration_associations(EventIntegrationName="help/desk")
described = appintegrations.get_event_integration(Name="help/desk")
in_use = refusal(appintegrations.delete_event_integration, Name="help/desk")
connect.delete_integration_association(InstanceId=instance, IntegrationAssociationId=association)
names, token = [], {}
while True:
    page = appintegrations.list_event_integrations(MaxResults=2, **token)
    names.append([one["Name"] for one in page["EventIntegrations"]])
    if "NextToken" not in page:
        break
    token = {"NextToken": page["NextToken"]}
report = {
    "arn": arn,
    "same": arn == again,
    "described": {key: described[key] for key in described if key != "ResponseMetadata"},
    "tags": appintegrations.list_tags_for_resource(resourceArn=arn)["tags"],
    "association": associations["EventIntegrationAssociations"][0]["EventIntegrationAssociationId"] == association,
    "names": names,
    "refusals": [
        in_use,
        refusal(appintegrations.create_event_integration, Name="help/desk", **wanted),
        refusal(appintegrations.create_event_integration, Name="c", **{**wanted, "EventBridgeBus": "none"}),
        refusal(appintegrations.create_event_integration, Name="c", **{**wanted, "EventFilter": {"Source": "shop"}}),
        refusal(appintegrations.get_event_integration, Name="none"),
        refusal(appintegrations.list_event_integrations, NextToken="x"),
        refusal(appintegrations.tag_resource, resourceArn=arn, tags={"AWS:x": "y"}),
        refusal(appintegrations.list_tags_for_resource, resourceArn=arn + "x"),
    ],
}
appintegrations.delete_event_integration(Name="help/desk")
report["refusals"].append(refusal(appintegrations.delete_event_integration, Name="help/desk"))
print(json.dumps(report))
