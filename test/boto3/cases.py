"""Cases: cases, related items, audit history and events, as boto3 drives and sees them. Prints what it saw as JSON."""

import datetime
import json
import os

import boto3
from botocore.exceptions import ClientError


def client(service):
    return boto3.client(
        service,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


connectcases, connect, events, sqs = (client(name) for name in ("connectcases", "connect", "events", "sqs"))


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        resource = [error.response[name] for name in ("resourceId", "resourceType") if name in error.response]
        modelled = getattr(connectcases.exceptions, error.response["Error"]["Code"])
        return [isinstance(error, modelled), error.response["ResponseMetadata"]["HTTPStatusCode"], *resource]
    return None


def values(**given):
    return [{"id": name, "value": value} for name, value in given.items()]


created = connectcases.create_domain(name="boto")
domain = {"domainId": created["domainId"]}
amount = connectcases.create_field(name="Amount", type="Number", **domain)["fieldId"]
template = {"templateId": connectcases.create_template(name="Claim", **domain)["templateId"]}

queue = sqs.create_queue(QueueName="told")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
events.put_rule(Name="cases", EventPattern=json.dumps({"source": ["aws.cases"]}))
events.put_targets(Rule="cases", Targets=[{"Id": "queue", "Arn": arn}])
included = {"caseData": {"fields": [{"id": amount}]}, "relatedItemData": {"includeContent": True}}
connectcases.put_case_event_configuration(eventBridge={"enabled": True, "includedData": included}, **domain)

opening = {
    "fields": values(title={"stringValue": "Kettle"}, **{amount: {"doubleValue": 49.5}}),
    "performedBy": {"customEntity": "claims-bot"},
    "tags": {"tier": "gold"},
    "clientToken": "first",
}
opened = connectcases.create_case(**opening, **template, **domain)
case = {"caseId": opened["caseId"], **domain}
again = connectcases.create_case(**opening, **template, **domain)
connectcases.update_case(fields=values(status={"stringValue": "closed"}, **{amount: {"emptyValue": {}}}), **case)
got = connectcases.get_case(fields=[{"id": name} for name in ("title", "status", "created_by", amount)], **case)
report = {
    "same": again["caseId"] == opened["caseId"],
    "arn": opened["caseArn"] == f"{created['domainArn']}/case/{opened['caseId']}",
    "case": [got["fields"], got["templateId"] == template["templateId"], got["tags"]],
}

instance = connect.create_instance(
    IdentityManagementType="CONNECT_MANAGED", InstanceAlias="boto", InboundCallsEnabled=True, OutboundCallsEnabled=True
)
[flow, *_] = connect.list_contact_flows(InstanceId=instance["Id"], ContactFlowTypes=["CONTACT_FLOW"])["ContactFlowSummaryList"]
task = connect.start_task_contact(InstanceId=instance["Id"], ContactFlowId=flow["Id"], Name="Call back")
contact = f"{instance['Arn']}/contact/{task['ContactId']}"


def relate(type, **content):
    return connectcases.create_related_item(type=type, content=content, **case)


remark = relate("Comment", comment={"body": "Looks valid", "contentType": "Text/Plain"})
item = {"relatedItemId": remark["relatedItemId"], **case}
relate("Contact", contact={"contactArn": contact})
level = {
    "name": "answer",
    "type": "CaseField",
    "fieldId": "status",
    "targetFieldValues": [{"stringValue": "open"}],
    "targetSlaMinutes": 60,
}
relate("Sla", sla={"slaInputConfiguration": level})
changed = connectcases.update_related_item(
    content={"comment": {"body": "Is valid", "contentType": "Text/Plain"}}, performedBy={"customEntity": "ada"}, **item
)
report["comment"] = [
    changed["content"]["comment"]["body"],
    isinstance(changed["associationTime"], datetime.datetime),
    changed["lastUpdatedUser"],
]
connectcases.delete_related_item(**item)
found = connectcases.list_cases_for_contact(contactArn=contact, **domain)["cases"]
report["of contact"] = [[one["caseId"] == case["caseId"] for one in found]]
audit = connectcases.get_case_audit_events(maxResults=2, **case)
report["audit"] = [
    [event["type"] for event in audit["auditEvents"]],
    isinstance(audit["auditEvents"][0]["performedTime"], datetime.datetime),
    len(connectcases.get_case_audit_events(nextToken=audit["nextToken"], **case)["auditEvents"]),
]

for number in range(9):
    relate("Sla", sla={"slaInputConfiguration": {**level, "name": f"level {number}"}})
sla_content = {"sla": {"slaInputConfiguration": level}}
other = {**opening, "fields": values(title={"stringValue": "Other"})}
report["refusals"] = {
    "field": refusal(connectcases.create_case, fields=values(nothing={"stringValue": "x"}), **template, **domain),
    "type": refusal(connectcases.update_case, fields=values(**{amount: {"stringValue": "x"}}), **case),
    "template": refusal(connectcases.create_case, fields=[], templateId="nothing", **domain),
    "token": refusal(connectcases.create_case, **other, **template, **domain),
    "case": refusal(connectcases.get_case, caseId="nothing", fields=[{"id": "title"}], **domain),
    "item": refusal(connectcases.delete_related_item, **item) is not None,
    "eleventh": refusal(connectcases.create_related_item, type="Sla", content=sla_content, **case),
}
connectcases.delete_case(**case)
report["refusals"]["deleted"] = refusal(connectcases.delete_case, **case)[:2]

told = []
while len(told) < 17:
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", []):
        told.append(json.loads(message["Body"])["detail"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
told.sort(key=lambda detail: detail["approximateChangeTime"])
report["told"] = [detail["eventType"] for detail in told if "Sla" not in json.dumps(detail.get("relatedItem", {}))]
report["amounts"] = [detail["case"].get("fields") for detail in told if "case" in detail]
report["amounts"][0] = report["amounts"][0][amount]
print(json.dumps(report))
