import type { Integration } from "@aws-sdk/client-apigatewayv2";
import { loadModel } from "../../../models/catalog.ts";
import type { ServiceModel } from "../../../models/model.ts";
import { type ApiAnswer, type Call, GatewayError } from "./call.ts";
import { httpMappedValue } from "./http-mapping.ts";
import { actAs, sendSigned } from "./signed-call.ts";

/** What first-class integrations call. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html */
const SUBTYPES: Readonly<
  Record<string, { readonly model: string; readonly operation: string; readonly entries?: true }>
> = {
  "EventBridge-PutEvents": { model: "events", operation: "PutEvents", entries: true },
  "SQS-SendMessage": { model: "sqs", operation: "SendMessage" },
  "SQS-ReceiveMessage": { model: "sqs", operation: "ReceiveMessage" },
  "SQS-DeleteMessage": { model: "sqs", operation: "DeleteMessage" },
  "SQS-PurgeQueue": { model: "sqs", operation: "PurgeQueue" },
  "Kinesis-PutRecord": { model: "kinesis", operation: "PutRecord" },
};

/** Calls a service of ours with parameters that are made of the call, and answers what it answers. Throws `GatewayError`. */
export async function integrateService(call: Call, integration: Integration): Promise<ApiAnswer> {
  // A version can stand behind the name: `Kinesis-PutRecord-1.0`.
  const subtype = (integration.IntegrationSubtype ?? "").replace(/-\d+(?:\.\d+)?$/, "");
  const target = Object.hasOwn(SUBTYPES, subtype) ? SUBTYPES[subtype] : undefined;
  if (!target || integration.CredentialsArn === undefined) {
    call.log.error(() => `The integration ${subtype} is not built in this version of Trunkline, or has no credentials`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  const model = loadModel(target.model);
  const { Region: region, ...parameters } = mapped(integration.RequestParameters ?? {}, call);
  const input = target.entries
    ? { Entries: [inputOf(model, entryShape(model), parameters)] }
    : inputOf(model, model.operations[target.operation]?.input, parameters);
  const answer = await sendSigned(call, {
    service: model.signingName,
    region: region ?? call.stage.region,
    keys: await actAs(call, integration.CredentialsArn),
    method: "POST",
    path: "/",
    query: [],
    headers: [
      ["content-type", target.model === "sqs" ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1"],
      ["x-amz-target", `${model.targetPrefix}.${target.operation}`],
    ],
    body: Buffer.from(JSON.stringify(input)),
    timeoutMs: integration.TimeoutInMillis ?? 30_000,
  });
  call.context.set("integrationStatus", answer.status);
  return { status: answer.status, headers: [["content-type", "application/json"]], body: answer.body };
}

function mapped(parameters: Readonly<Record<string, string>>, call: Call): Record<string, string> {
  const values = Object.entries(parameters).flatMap(([name, expression]) => {
    const value = httpMappedValue(expression, call);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(values);
}

function entryShape(model: ServiceModel): string {
  const list = model.shapes.PutEventsRequestEntryList;
  return list?.type === "list" ? list.member.shape : "";
}

/** Parameters are texts; the operation's model says what they are to be. */
function inputOf(
  model: ServiceModel,
  shapeName: string | undefined,
  parameters: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const shape = shapeName === undefined ? undefined : model.shapes[shapeName];
  const members = shape?.type === "structure" ? shape.members : {};
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      valueFor(model.shapes[members[name]?.shape ?? ""]?.type, value),
    ]),
  );
}

function valueFor(type: string | undefined, value: string): unknown {
  switch (type) {
    case "blob":
      return Buffer.from(value).toString("base64");
    case "integer":
    case "long":
    case "double":
    case "float":
      return Number(value);
    case "timestamp":
      return Number.isNaN(Date.parse(value)) ? value : Date.parse(value) / 1000;
    case "boolean":
      return value === "true";
    case "list":
    case "map":
    case "structure":
      return jsonOr(value);
    default:
      return value;
  }
}

/** What is no JSON is refused by the service, in its own words. */
function jsonOr(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
