"""Connect rules, all operations on them and their tags, and a metric rule that acts, as boto3 drives and sees them. Prints what it saw as JSON."""

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
connect = boto3.client("connect", **options)
events = boto3.client("events", **options)
sqs = boto3.client("sqs", **options)

instance = connect.create_instance(
    IdentityManagementType="CONNECT_MANAGED", InstanceAlias="boto", InboundCallsEnabled=True, OutboundCallsEnabled=True
)
of = {"InstanceId": instance["Id"]}
flow = connect.list_contact_flows(**of, ContactFlowTypes=["CONTACT_FLOW"])["ContactFlowSummaryList"][0]["Id"]
queue = connect.list_queues(**of, QueueTypes=["STANDARD"])["QueueSummaryList"][0]["Id"]
CATEGORY = {"ActionType": "ASSIGN_CONTACT_CATEGORY", "AssignContactCategoryAction": {}}


def function(*operands, operator="AND", **more):
    return json.dumps({"Version": "2022-11-25", "RuleFunction": {"Operator": operator, "Operands": operands, **more}})


def said(*words, **more):
    path = "$.ContactLens.PostCall.ExactMatch.Transcript"
    return {"Operator": "CONTAINS_ANY", "Operands": words, "ComparisonValue": path, "Negate": False, **more}


def definition(name, **changes):
    return {
        **of,
        "Name": name,
        "TriggerEventSource": {"EventSourceName": "OnPostCallAnalysisAvailable"},
        "Function": function(said("late", "delayed")),
        "Actions": [CATEGORY],
        "PublishStatus": "PUBLISHED",
        **changes,
    }


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


task = {
    "ActionType": "CREATE_TASK",
    "TaskAction": {
        "Name": "Call back $.ContactLens.PostCall.ContactId",
        "ContactFlowId": flow,
        "References": {"shop": {"Type": "URL", "Value": "https://shop.example"}},
    },
}
first = connect.create_rule(**definition("late", Actions=[CATEGORY, task], ClientToken="once", Tags={"team": "a"}))
again = connect.create_rule(**definition("late", Actions=[CATEGORY, task], ClientToken="once", Tags={"team": "a"}))
for number in range(3):
    connect.create_rule(**definition(f"draft-{number}", PublishStatus="DRAFT"))
described = connect.describe_rule(**of, RuleId=first["RuleId"])["Rule"]
pages = [
    [rule["Name"] for rule in page["RuleSummaryList"]]
    for page in connect.get_paginator("list_rules").paginate(
        **of, PublishStatus="DRAFT", PaginationConfig={"PageSize": 2}
    )
]
criteria = {"StringCondition": {"FieldName": "Name", "Value": "DRAFT", "ComparisonType": "STARTS_WITH"}}
found = connect.search_rules(**of, SearchCriteria=criteria)
connect.tag_resource(resourceArn=first["RuleArn"], tags={"tier": "gold"})
connect.untag_resource(resourceArn=first["RuleArn"], tagKeys=["team"])
update = {key: described[key] for key in ("Name", "Function", "Actions")}
connect.update_rule(**of, RuleId=first["RuleId"], **update, PublishStatus="DRAFT")
changed = connect.describe_rule(**of, RuleId=first["RuleId"])["Rule"]

create = connect.create_rule
refusals = {
    "name taken": refusal(create, **definition("late")),
    "token of another request": refusal(create, **definition("other", ClientToken="once")),
    "name": refusal(create, **definition("two words")),
    "function": refusal(create, **definition("x", Function="{")),
    "operand": refusal(create, **definition("x", Function=function(said()))),
    "actions": refusal(create, **definition("x", Actions=[task])),
    "source": refusal(create, **definition("x", TriggerEventSource={"EventSourceName": "OnNothing"})),
    "instance": refusal(create, **{**definition("x"), "InstanceId": "nothing"}),
    "rename": refusal(connect.update_rule, **of, RuleId=first["RuleId"], **{**update, "Name": "y"}, PublishStatus="DRAFT"),
    "rule": refusal(connect.describe_rule, **of, RuleId="nothing"),
    "token of a page": refusal(connect.list_rules, **of, NextToken="nothing"),
}
try:
    create(**definition("late"))
except connect.exceptions.ResourceConflictException as error:
    refusals["as modelled"] = error.response["Error"]["Code"]
connect.delete_rule(**of, RuleId=first["RuleId"])
refusals["deleted"] = refusal(connect.delete_rule, **of, RuleId=first["RuleId"])

told = sqs.create_queue(QueueName="told")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=told, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
events.put_rule(Name="told", EventPattern=json.dumps({"detail-type": ["Metrics Rules Matched"]}))
events.put_targets(Rule="told", Targets=[{"Id": "1", "Arn": arn}])


def filters(**types):
    return {"LogicOperator": "AND", "Filters": [{"Type": name, "Data": data} for name, data in types.items()]}


available = {
    "Operator": "NumberLessOrEqualTo",
    "Operands": [0],
    "ComparisonValue": "$.MetricData.AGENTS_AVAILABLE",
    "FilterClause": filters(MetricDataFilterByQueue=[queue]),
}
connect.create_rule(
    **definition(
        "nobody-there",
        TriggerEventSource={"EventSourceName": "OnMetricDataUpdate"},
        Function=function(
            {"Operator": "AND", "Operands": [available]}, FilterClause=filters(MetricDataGrouping=["QUEUE"])
        ),
        Actions=[{"ActionType": "GENERATE_EVENTBRIDGE_EVENT", "EventBridgeAction": {"Name": "TELL"}}],
    )
)
messages = []
for _ in range(10):
    messages += sqs.receive_message(QueueUrl=told, WaitTimeSeconds=1).get("Messages", [])
    if messages:
        break
event = json.loads(messages[0]["Body"])

print(
    json.dumps(
        {
            "same": first["RuleId"] == again["RuleId"],
            "described": [
                described["Name"],
                described["TriggerEventSource"],
                described["Function"] == function(said("late", "delayed")),
                described["Actions"] == [CATEGORY, task],
                described["PublishStatus"],
                described["Tags"],
                described["CreatedTime"] == described["LastUpdatedTime"],
            ],
            "changed": [changed["PublishStatus"], changed["Tags"], changed["CreatedTime"] < changed["LastUpdatedTime"]],
            "pages": [len(page) for page in pages],
            "names": sorted(sum(pages, [])),
            "found": [found["ApproximateTotalCount"], sorted(rule["Name"] for rule in found["Rules"])],
            "refusals": refusals,
            "told": [event["detail"]["ruleName"], event["detail"]["actionName"], len(event["resources"])],
        }
    )
)
