"""S3 with boto3 as it is: what it does by itself (checksums, parts, presigning in the older way) is understood.

Prints a JSON document of what came back.
"""
import io
import json
import os
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

options = {
    "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
s3 = boto3.client("s3", **options)
report = {}

s3.create_bucket(Bucket="boto")
s3.get_waiter("bucket_exists").wait(Bucket="boto")
key = "a folder/ü +%.txt"
s3.put_object(Bucket="boto", Key=key, Body=b"hello", Metadata={"note": "x"}, ContentType="text/plain")
found = s3.get_object(Bucket="boto", Key=key)
report["text"] = found["Body"].read().decode()
report["metadata"] = found["Metadata"]
report["range"] = s3.get_object(Bucket="boto", Key=key, Range="bytes=1-2")["Body"].read().decode()

# 20 MiB: boto3 sends and gets them in parts, several at once.
large = os.urandom(20 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(large), "boto", "large.bin")
report["etag"] = s3.head_object(Bucket="boto", Key="large.bin")["ETag"]
back = io.BytesIO()
s3.download_fileobj("boto", "large.bin", back)
report["same_bytes"] = back.getvalue() == large
s3.copy({"Bucket": "boto", "Key": "large.bin"}, "boto", "copies/large.bin")

pages = s3.get_paginator("list_objects_v2").paginate(Bucket="boto", PaginationConfig={"PageSize": 2})
report["keys"] = [entry["Key"] for page in pages for entry in page["Contents"]]
folded = s3.list_objects_v2(Bucket="boto", Delimiter="/")
report["folders"] = [entry["Prefix"] for entry in folded["CommonPrefixes"]]

older = s3.generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": key})
report["presigned"] = urllib.request.urlopen(older).read().decode()
newer = boto3.client("s3", config=Config(signature_version="s3v4"), **options)
url = newer.generate_presigned_url("put_object", Params={"Bucket": "boto", "Key": "put.txt"})
urllib.request.urlopen(urllib.request.Request(url, data=b"put", method="PUT")).read()
report["put"] = s3.get_object(Bucket="boto", Key="put.txt")["Body"].read().decode()

for name, call in {
    "missing": lambda: s3.get_object(Bucket="boto", Key="missing"),
    "not_empty": lambda: s3.delete_bucket(Bucket="boto"),
    "unchanged": lambda: s3.get_object(Bucket="boto", Key=key, IfNoneMatch=found["ETag"]),
}.items():
    try:
        call()
    except ClientError as error:
        report[name] = error.response["Error"]["Code"]

objects = [{"Key": each} for each in report["keys"]] + [{"Key": "put.txt"}]
s3.delete_objects(Bucket="boto", Delete={"Objects": objects})
s3.delete_bucket(Bucket="boto")
report["buckets"] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
print(json.dumps(report))
