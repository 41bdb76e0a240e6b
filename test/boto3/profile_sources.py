"""Integrations that bring objects into Customer Profiles, and workflows, as boto3 drives and sees them. Prints what it saw as JSON."""

import json
import os
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError

options = {
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
profiles = boto3.client("customer-profiles", **options)
connect = boto3.client("connect", **options)
applications = boto3.client("appintegrations", **options)
events = boto3.client("events", **options)

DOMAIN = {"DomainName": "harbour"}
ROLE = {"RoleArn": "arn:aws:iam::000000000000:role/sources"}


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


def flow(name, connector, source, trigger, **config):
    return {
        "FlowName": name,
        "KmsArn": "arn:aws:kms:us-east-1:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
        "SourceFlowConfig": {
            "ConnectorType": connector,
            "SourceConnectorProperties": {connector: source},
            **config,
        },
        "Tasks": [],
        "TriggerConfig": trigger,
    }


profiles.create_domain(DefaultExpirationDays=366, **DOMAIN)
instance = connect.create_instance(
    IdentityManagementType="CONNECT_MANAGED",
    InstanceAlias="harbour",
    InboundCallsEnabled=True,
    OutboundCallsEnabled=True,
)
bound = profiles.put_integration(Uri=instance["Arn"], ObjectTypeName="CTR-NoInferred", **DOMAIN)

schedule = {
    "ScheduleExpression": "cron(15 3 * * ? *)",
    "ScheduleStartTime": datetime(2037, 1, 1, tzinfo=timezone.utc),
    "Timezone": "Europe/Berlin",
    "DataPullMode": "Incremental",
}
nightly = flow(
    "nightly",
    "S3",
    {"BucketName": "guests", "BucketPrefix": "nightly"},
    {"TriggerType": "Scheduled", "TriggerProperties": {"Scheduled": schedule}},
)
made = profiles.put_integration(FlowDefinition=nightly, ObjectTypeName="Zendesk-users", Tags={"team": "crm"}, **DOMAIN)

applications.create_event_integration(
    Name="site", EventFilter={"Source": "Pipe site"}, EventBridgeBus="default"
)
site = "arn:aws:app-integrations:us-east-1:000000000000:event-integration/site"
fed = profiles.put_integration(Uri=site, ObjectTypeNames={"SegmentIdentify": "Segment-Identify"}, **DOMAIN)
detail = {"type": "identify", "userId": "u-77", "traits": {"firstName": "Ina", "email": "ina@example.com"}}
events.put_events(Entries=[{"Source": "Pipe site", "DetailType": "Segment", "Detail": json.dumps(detail)}])
person = []
while not person:
    person = profiles.search_profiles(KeyName="_segmentUserId", Values=["u-77"], **DOMAIN)["Items"]

leads = flow(
    "leads",
    "Marketo",
    {"Object": "leads"},
    {"TriggerType": "OnDemand"},
    ConnectorProfileName="nobody",
    IncrementalPullConfig={"DatetimeTypeFieldName": "updatedAt"},
)
batches = [
    {"StartTime": datetime(2026, month, 1, tzinfo=timezone.utc), "EndTime": datetime(2026, month + 1, 1, tzinfo=timezone.utc)}
    for month in (1, 2)
]
asked = {
    "WorkflowType": "APPFLOW_INTEGRATION",
    "IntegrationConfig": {"AppflowIntegration": {"FlowDefinition": leads, "Batches": batches}},
    "ObjectTypeName": "Marketo-leads",
}
workflow = {"WorkflowId": profiles.create_integration_workflow(**asked, **ROLE, **DOMAIN)["WorkflowId"]}
described = profiles.get_workflow(**workflow, **DOMAIN)
steps = [item["AppflowIntegration"] for item in profiles.get_workflow_steps(**workflow, **DOMAIN)["Items"]]
hidden = profiles.list_integrations(IncludeHidden=True, **DOMAIN)["Items"]
profiles.delete_workflow(**workflow, **DOMAIN)
cancelled = [item["WorkflowId"] for item in profiles.list_workflows(Status="CANCELLED", **DOMAIN)["Items"]]

refusals = {
    "flow name taken": refusal(
        profiles.put_integration, FlowDefinition=nightly, ObjectTypeName="Zendesk-users", **DOMAIN
    ),
    "no type": refusal(profiles.put_integration, Uri=instance["Arn"], **DOMAIN),
    "unknown type": refusal(profiles.put_integration, Uri=instance["Arn"], ObjectTypeName="None", **DOMAIN),
    "no bucket": refusal(
        profiles.put_integration, Uri="arn:aws:s3:::none/x", ObjectTypeName="Zendesk-users", **DOMAIN
    ),
    "event integration": refusal(
        profiles.put_integration, Uri=site + "-2", ObjectTypeName="Zendesk-users", **DOMAIN
    ),
    "workflow": refusal(profiles.get_workflow, WorkflowId="0" * 32, **DOMAIN),
}
uris = [item["Uri"] for item in profiles.list_integrations(**DOMAIN)["Items"]]
for uri in uris:
    profiles.delete_integration(Uri=uri, **DOMAIN)

print(
    json.dumps(
        {
            "bound": [bound[member] for member in ("ObjectTypeName", "EventTriggerNames", "Scope")],
            "made": [made[member] for member in ("Uri", "IsUnstructured", "Tags")],
            "fed": fed["ObjectTypeNames"],
            "person": [person[0]["FirstName"], person[0]["EmailAddress"]],
            "workflow": [described["Status"], described["Attributes"], described["Metrics"]],
            "steps": [[step["BatchRecordsStartTime"], step["RecordsProcessed"]] for step in steps],
            "hidden": len(hidden) - len(uris),
            "cancelled": cancelled == [workflow["WorkflowId"]],
            "uris": sorted(uris) == sorted([instance["Arn"], made["Uri"], site]),
            "refusals": refusals,
            "left": profiles.list_integrations(IncludeHidden=True, **DOMAIN)["Items"],
        }
    )
)
