"""Object types of Customer Profiles, all operations on them, as boto3 drives and sees them. Prints what it saw as JSON."""

import json
import os

import boto3
from botocore.exceptions import ClientError

profiles = boto3.client(
    "customer-profiles",
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
DOMAIN = "boto"


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        answer = error.response
        return [answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]]
    return None


def pages(call, name, **parameters):
    """The names of the items of each page, of two items."""
    found, token = [], {}
    while True:
        page = call(MaxResults=2, **parameters, **token)
        found.append([item[name] for item in page["Items"]])
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


profiles.create_domain(DomainName=DOMAIN, DefaultExpirationDays=30)
parcel = {
    "DomainName": DOMAIN,
    "ObjectTypeName": "Parcel",
    "Description": "Parcels",
    "AllowProfileCreation": True,
    "Fields": {
        "no": {"Source": "_source.no"},
        "mail": {"Source": "_source.to.mail", "Target": "_profile.EmailAddress", "ContentType": "EMAIL_ADDRESS"},
        "kg": {"Source": "_source.kg", "Target": "_order.TotalWeight", "ContentType": "NUMBER"},
        "depot": {"Source": "{{#if _source.depot}}{{_source.depot}}{{else}}none{{/if}}", "Target": "_profile.Attributes.Depot"},
    },
    "Keys": {
        "parcelKey": [{"StandardIdentifiers": ["UNIQUE", "ORDER"], "FieldNames": ["no"]}],
        "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
    },
}
put = profiles.put_profile_object_type(**parcel, Tags={"team": "a"})
of_type = {"DomainName": DOMAIN, "ObjectTypeName": "Parcel"}
got = profiles.get_profile_object_type(**of_type)
profiles.put_profile_object_type(
    DomainName=DOMAIN, ObjectTypeName="Contacts", Description="Contact records", TemplateId="CTR-NoInferred"
)
profiles.put_profile_object(
    DomainName=DOMAIN, ObjectTypeName="Zendesk-users", Object=json.dumps({"id": 7, "email": "Ina@example.com"})
)
for no, kg in ((1, 2.5), (2, 4)):
    profiles.put_profile_object(
        DomainName=DOMAIN,
        ObjectTypeName="Parcel",
        Object=json.dumps({"no": no, "kg": kg, "to": {"mail": "ina@example.com"}, "depot": "Bremen" if no == 1 else None}),
    )
found = profiles.search_profiles(DomainName=DOMAIN, KeyName="_email", Values=["INA@EXAMPLE.COM"])["Items"]
listed = pages(profiles.list_profile_object_types, "ObjectTypeName", DomainName=DOMAIN)
templates = sum(pages(profiles.list_profile_object_type_templates, "TemplateId"), [])
template = profiles.get_profile_object_type_template(TemplateId="Shopify-Order")

arn = f"arn:aws:profile:us-east-1:000000000000:domains/{DOMAIN}/object-types/Parcel"
profiles.tag_resource(resourceArn=arn, tags={"tier": "gold"})
profiles.untag_resource(resourceArn=arn, tagKeys=["team"])

detected = profiles.detect_profile_object_type(
    DomainName=DOMAIN, Objects=[json.dumps({"id": "t-1", "email": "ina@example.com"})]
)["DetectedProfileObjectTypes"]
attributes = profiles.list_object_type_attributes(**of_type)["Items"]
values = profiles.list_object_type_attribute_values(**of_type, AttributeName="kg")["Items"]
figures = profiles.get_object_type_attribute_statistics(**of_type, AttributeName="kg")["Statistics"]
offered = profiles.list_profile_attribute_values(DomainName=DOMAIN, AttributeName="Attributes.Depot")

bad = {**parcel, "ObjectTypeName": "Bad"}
print(
    json.dumps(
        {
            "same": {name: put[name] for name in parcel if name != "DomainName"}
            == {name: got[name] for name in parcel if name != "DomainName"}
            == {name: value for name, value in parcel.items() if name != "DomainName"},
            "listed": listed,
            "profile": [[one.get("EmailAddress"), one.get("Attributes")] for one in found],
            "templates": len(templates),
            "template": [template["SourceName"], template["SourceObject"], template["AllowProfileCreation"]],
            "tags": profiles.list_tags_for_resource(resourceArn=arn)["tags"],
            "detected": [list(one["Keys"]) for one in detected],
            "attributes": sorted(one["AttributeName"] for one in attributes),
            "values": sorted(one["Value"] for one in values),
            "figures": [figures["Minimum"], figures["Maximum"], figures["Average"], figures["Percentiles"]["P50"]],
            "offered": [offered["StatusCode"], [one["Value"] for one in offered["Items"]]],
            "deleted": profiles.delete_profile_object_type(**of_type)["Message"],
            "left": profiles.search_profiles(DomainName=DOMAIN, KeyName="parcelKey", Values=["1"])["Items"],
            "refusals": {
                "unique": refusal(profiles.put_profile_object_type, **{**bad, "Keys": {"_email": bad["Keys"]["_email"]}}),
                "template": refusal(profiles.put_profile_object_type, **bad, TemplateId="CTR"),
                "domain": refusal(profiles.get_profile_object_type, DomainName="nowhere", ObjectTypeName="Parcel"),
                "type": refusal(profiles.get_profile_object_type, **of_type),
                "deleted": refusal(profiles.delete_profile_object_type, **of_type),
                "no template": refusal(profiles.get_profile_object_type_template, TemplateId="Nothing"),
                "tags": refusal(profiles.list_tags_for_resource, resourceArn=arn),
            },
        }
    )
)
