"""An API with a mock and a signed method, made, deployed and called with boto3. Prints what it saw as JSON."""

import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

url = os.environ["AWS_ENDPOINT_URL"]
options = {
    "endpoint_url": url,
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
gateway = boto3.client("apigateway", **options)

api = gateway.create_rest_api(name="calls")["id"]
root = gateway.get_resources(restApiId=api)["items"][0]["id"]


def add(path, authorization, template):
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart=path)["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(authorizationType=authorization, **method)
    gateway.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}, **method)
    gateway.put_method_response(statusCode="200", **method)
    gateway.put_integration_response(statusCode="200", responseTemplates={"application/json": template}, **method)
    return method


hello = add("hello", "NONE", '{"hello": "$input.params(\'name\')"}')
add("signed", "AWS_IAM", '{"as": "$context.identity.userArn"}')
gateway.create_deployment(restApiId=api, stageName="dev")
stage = f"{url}/_aws/execute-api/{api}/dev"


def call(path, headers=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{stage}{path}", headers=headers or {})) as answer:
            return [answer.status, json.load(answer)]
    except urllib.error.HTTPError as error:
        return [error.code, json.load(error)]


request = AWSRequest(method="GET", url=f"{stage}/signed")
SigV4Auth(Credentials("test", "test"), "execute-api", "us-east-1").add_auth(request)
tried = gateway.test_invoke_method(pathWithQueryString="/hello?name=bob", **hello)

print(
    json.dumps(
        {
            "mock": call("/hello?name=ann"),
            "signed": call("/signed", dict(request.headers)),
            "unsigned": call("/signed"),
            "none": call("/none"),
            "tried": [tried["status"], json.loads(tried["body"])],
        }
    )
)
