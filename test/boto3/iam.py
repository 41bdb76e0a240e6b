"""Users, roles and their policies with boto3 as it is: what is allowed goes through, the rest is refused in the real words."""
import json
import os

import boto3
from botocore.exceptions import ClientError

options = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"], "region_name": "us-east-1"}
root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
iam = boto3.client("iam", **options, **root)
kinesis = boto3.client("kinesis", **options, **root)
report = {}


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def refusal(call, **arguments):
    try:
        call(**arguments)
        return None
    except ClientError as error:
        return error.response["Error"]["Code"]


kinesis.create_stream(StreamName="calls", ShardCount=1)
record = {"StreamName": "calls", "PartitionKey": "k", "Data": b"x"}

user = iam.create_user(UserName="ann", Path="/agents/")["User"]
report["user"] = user["Arn"]
iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=policy(Action="sts:AssumeRole", Resource="*"))
report["document"] = iam.get_user_policy(UserName="ann", PolicyName="p")["PolicyDocument"]["Statement"][0]["Action"]
key = iam.create_access_key(UserName="ann")["AccessKey"]
ann = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
report["ann"] = refusal(boto3.client("kinesis", **options, **ann).put_record, **record)

trust = policy(Action="sts:AssumeRole", Principal={"AWS": "000000000000"})
role = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=trust)["Role"]
managed = iam.create_policy(
    PolicyName="write",
    PolicyDocument=policy(Action="kinesis:PutRecord", Resource="arn:aws:kinesis:*:*:stream/calls"),
)["Policy"]["Arn"]
iam.attach_role_policy(RoleName="writer", PolicyArn=managed)
report["attached"] = [p["PolicyName"] for p in iam.list_attached_role_policies(RoleName="writer")["AttachedPolicies"]]

sts = boto3.client("sts", **options, **ann)
given = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="ann")["Credentials"]
session = {
    "aws_access_key_id": given["AccessKeyId"],
    "aws_secret_access_key": given["SecretAccessKey"],
    "aws_session_token": given["SessionToken"],
}
report["session"] = boto3.client("sts", **options, **session).get_caller_identity()["Arn"]
writer = boto3.client("kinesis", **options, **session)
report["written"] = refusal(writer.put_record, **record)
report["listed"] = refusal(writer.list_streams)
results = iam.simulate_principal_policy(
    PolicySourceArn=role["Arn"], ActionNames=["kinesis:PutRecord", "kinesis:DeleteStream"],
    ResourceArns=["arn:aws:kinesis:us-east-1:000000000000:stream/calls"],
)["EvaluationResults"]
report["simulated"] = [r["EvalDecision"] for r in results]
report["users"] = [u["UserName"] for p in iam.get_paginator("list_users").paginate(PathPrefix="/agents/") for u in p["Users"]]
report["missing"] = refusal(iam.get_role, RoleName="nothing")
report["conflict"] = refusal(iam.delete_role, RoleName="writer")
report["malformed"] = refusal(iam.put_user_policy, UserName="ann", PolicyName="p", PolicyDocument="{}")
print(json.dumps(report))
