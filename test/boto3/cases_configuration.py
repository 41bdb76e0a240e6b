"""Cases: a domain, fields, options, layouts, rules, templates, tags and what events tell, as boto3 drives and sees them. Prints what it saw as JSON."""

import datetime
import json
import os

import boto3
from botocore.exceptions import ClientError

cases = boto3.client(
    "connectcases",
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
profiles = boto3.client(
    "customer-profiles",
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        resource = [error.response[name] for name in ("resourceId", "resourceType") if name in error.response]
        modelled = getattr(cases.exceptions, error.response["Error"]["Code"])
        return [isinstance(error, modelled), error.response["ResponseMetadata"]["HTTPStatusCode"], *resource]
    return None


created = cases.create_domain(name="boto")
domain = {"domainId": created["domainId"]}
# The same paths belong to Customer Profiles too.
profiles.create_domain(DomainName="boto", DefaultExpirationDays=30)
got = cases.get_domain(**domain)
report = {
    "domain": [created["domainStatus"], got["name"], isinstance(got["createdTime"], datetime.datetime), got["tags"]],
    "profiles": profiles.get_domain(DomainName="boto")["DefaultExpirationDays"],
    "domains": [found["name"] for found in cases.list_domains()["domains"]],
}

field = cases.create_field(name="Depot", type="SingleSelect", description="where it lies", **domain)
depot = {"fieldId": field["fieldId"]}
put = cases.batch_put_field_options(
    options=[{"name": name, "value": value, "active": True} for name, value in (("Kiel", "kiel"), ("Rom", "r o m"))],
    **depot,
    **domain,
)
cases.update_field(name="Branch", **depot, **domain)
batch = cases.batch_get_field(fields=[{"id": depot["fieldId"]}, {"id": "nothing"}], **domain)
report["field"] = [
    [found["name"] for found in batch["fields"]],
    [error["errorCode"] for error in batch["errors"]],
    [error["value"] for error in put["errors"]],
    [option["value"] for option in cases.list_field_options(**depot, **domain)["options"]],
    [found["name"] for found in cases.list_fields(**domain)["fields"]][-1],
]

group = {"fieldGroup": {"name": "Where", "fields": [{"id": depot["fieldId"]}]}}
content = {"basic": {"topPanel": {"sections": [group]}}}
layout = {"layoutId": cases.create_layout(name="desk", content=content, **domain)["layoutId"]}
cases.update_layout(name="front desk", **layout, **domain)
report["layout"] = [
    cases.get_layout(**layout, **domain)["content"] == content,
    [found["name"] for found in cases.list_layouts(**domain)["layouts"]],
]

equal = {"operandOne": {"fieldId": "status"}, "operandTwo": {"stringValue": "closed"}, "result": True}
rule = {"required": {"defaultValue": False, "conditions": [{"equalTo": equal}]}}
case_rule = {"caseRuleId": cases.create_case_rule(name="at the end", rule=rule, **domain)["caseRuleId"]}
cases.update_case_rule(description="when it is closed", **case_rule, **domain)
pages = cases.get_paginator("list_case_rules").paginate(**domain)
[found] = cases.batch_get_case_rule(caseRules=[{"id": case_rule["caseRuleId"]}], **domain)["caseRules"]
report["rule"] = [
    found["rule"] == rule,
    found["description"],
    [listed["ruleType"] for page in pages for listed in page["caseRules"]],
]

made = cases.create_template(
    name="Claim",
    layoutConfiguration={"defaultLayout": layout["layoutId"]},
    requiredFields=[{"fieldId": "case_reason"}],
    rules=[{**case_rule, **depot}],
    **domain,
)
template = {"templateId": made["templateId"]}
cases.update_template(status="Inactive", **template, **domain)
got = cases.get_template(**template, **domain)
report["template"] = [
    got["status"],
    got["requiredFields"],
    got["rules"] == [{**case_rule, **depot}],
    [len(cases.list_templates(status=[status], **domain)["templates"]) for status in ("Active", "Inactive")],
]

included = {"caseData": {"fields": [{"id": "title"}, {"id": depot["fieldId"]}]}, "relatedItemData": {"includeContent": True}}
told = {"enabled": True, "includedData": included}
before = cases.get_case_event_configuration(**domain)["eventBridge"]
cases.put_case_event_configuration(eventBridge=told, **domain)
report["events"] = [before, cases.get_case_event_configuration(**domain)["eventBridge"] == told]

arn = made["templateArn"]
cases.tag_resource(arn=arn, tags={"team": "a", "tier": "gold", "place": "Kiel"})
cases.untag_resource(arn=arn, tagKeys=["team", "place"])
report["tags"] = cases.list_tags_for_resource(arn=arn)["tags"]

report["refusals"] = {
    "name taken": refusal(cases.create_domain, name="boto"),
    "domain": refusal(cases.get_domain, domainId="nothing"),
    "layout": refusal(cases.get_layout, layoutId="nothing", **domain),
    "layout in use": refusal(cases.delete_layout, **layout, **domain),
    "rule in use": refusal(cases.delete_case_rule, **case_rule, **domain),
    "system field": refusal(cases.delete_field, fieldId="status", **domain),
    "no options": refusal(cases.list_field_options, fieldId="title", **domain),
    "token": refusal(cases.list_fields, nextToken="nothing", **domain),
}
cases.delete_template(**template, **domain)
cases.delete_case_rule(**case_rule, **domain)
cases.delete_layout(**layout, **domain)
cases.delete_field(**depot, **domain)
report["deleted"] = [
    cases.get_template(**template, **domain)["deleted"],
    cases.get_layout(**layout, **domain)["deleted"],
    cases.batch_get_field(fields=[{"id": depot["fieldId"]}], **domain)["fields"][0]["deleted"],
    len(cases.batch_get_case_rule(caseRules=[{"id": case_rule["caseRuleId"]}], **domain)["errors"]),
]
cases.delete_domain(**domain)
report["domains left"] = cases.list_domains()["domains"]
print(json.dumps(report))
