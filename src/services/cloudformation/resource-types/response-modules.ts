/**
 * The modules that inline code of functions may use to answer custom resources: those of the service have this interface.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/cfn-lambda-function-code-cfnresponsemodule.html
 */

const NODE = `"use strict";
const http = require("node:http");
const https = require("node:https");

exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

exports.send = (event, context, status, data, physicalResourceId, noEcho) => {
  const body = JSON.stringify({
    Status: status,
    Reason: "See the details in CloudWatch Log Stream: " + context.logStreamName,
    PhysicalResourceId: physicalResourceId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: data,
  });
  const url = new URL(event.ResponseURL);
  const { request } = url.protocol === "http:" ? http : https;
  const headers = { "content-type": "", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const done = () => {
      if (typeof context.done === "function") context.done();
      resolve();
    };
    const sent = request(url, { method: "PUT", headers }, (response) => {
      response.resume();
      response.on("end", done);
    });
    sent.on("error", (error) => {
      console.log("The answer could not be sent: " + error);
      done();
    });
    sent.end(body);
  });
};
`;

const PYTHON = `import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: {}".format(context.log_stream_name),
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})
    try:
        urllib.request.urlopen(request).read()
    except Exception as error:
        print("The answer could not be sent:", error)
`;

/** The file that goes beside inline code. Absent where it does not name it. */
export function responseModule(
  runtime: string,
  code: string,
): { readonly name: string; readonly text: string } | undefined {
  if (runtime.startsWith("python"))
    return code.includes("cfnresponse") ? { name: "cfnresponse.py", text: PYTHON } : undefined;
  return code.includes("cfn-response") ? { name: "node_modules/cfn-response.js", text: NODE } : undefined;
}
