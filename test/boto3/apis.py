"""Makes a REST API and an HTTP API with boto3 as it is, imports and exports a definition. Prints what came of it as a JSON document."""
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
gateway = boto3.client("apigateway", **options)
http = boto3.client("apigatewayv2", **options)
report = {}

api = gateway.create_rest_api(name="calls", tags={"team": "voice"})
root = gateway.get_resources(restApiId=api["id"])["items"][0]
resource = gateway.create_resource(restApiId=api["id"], parentId=root["id"], pathPart="{id}")
method = {"restApiId": api["id"], "resourceId": resource["id"], "httpMethod": "GET"}
gateway.put_method(**method, authorizationType="NONE", apiKeyRequired=True)
gateway.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
gateway.create_deployment(restApiId=api["id"], stageName="dev")
patch = [{"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "5"}]
stage = gateway.update_stage(restApiId=api["id"], stageName="dev", patchOperations=patch)
report["rate"] = stage["methodSettings"]["*/*"]["throttlingRateLimit"]

plan = gateway.create_usage_plan(name="gold", apiStages=[{"apiId": api["id"], "stage": "dev"}])
key = gateway.create_api_key(name="caller", enabled=True)
gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
report["keys"] = [item["name"] for item in gateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]]

exported = gateway.get_export(
    restApiId=api["id"], stageName="dev", exportType="oas30", parameters={"extensions": "apigateway"}
)["body"].read()
copy = gateway.import_rest_api(body=exported)
pages = gateway.get_paginator("get_resources").paginate(restApiId=copy["id"], PaginationConfig={"PageSize": 1})
report["paths"] = sorted(item["path"] for page in pages for item in page["items"])

function = "arn:aws:lambda:us-east-1:000000000000:function:hello"
quick = http.create_api(Name="quick", ProtocolType="HTTP", Target=function)
report["routes"] = [item["RouteKey"] for item in http.get_routes(ApiId=quick["ApiId"])["Items"]]
report["auto"] = http.get_stage(ApiId=quick["ApiId"], StageName="$default")["AutoDeploy"]

try:
    gateway.get_rest_api(restApiId="nothing")
except ClientError as error:
    report["error"] = error.response["Error"]["Message"]

print(json.dumps(report))
