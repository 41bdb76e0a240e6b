import type { JsonObject } from "../../../matching/machine.ts";
import { isJsonObject } from "../../json-text.ts";

/** Their members have names that are not ours. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(["Attributes", "SegmentAttributes", "Tags"]);

const SECOND_MS = 1_000;

/**
 * A contact record ("Data model for contact records", Administrator Guide) as the templates of contact records read it: names begin with small
 * letters, durations are in milliseconds, what has an ARN has an id, and what does not apply is not there. Pure.
 */
export function contactRecordObject(record: JsonObject): JsonObject {
  const { customerEndpoint, ...object } = renamed(record);
  // The templates take an address for a phone number.
  if (!isJsonObject(customerEndpoint) || customerEndpoint.type !== "EMAIL_ADDRESS") {
    return customerEndpoint === undefined ? object : { ...object, customerEndpoint };
  }
  const { address: emailAddress, ...rest } = customerEndpoint;
  return { ...object, customerEndpoint: { ...rest, emailAddress } };
}

function renamed(record: JsonObject): JsonObject {
  const object: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (value === null || value === undefined) continue;
    if (name.endsWith("Duration") && typeof value === "number") object[`${small(name)}Millis`] = value * SECOND_MS;
    else object[small(name)] = AS_THEY_ARE.has(name) ? value : valueIn(value);
  }
  const { arn, id = typeof arn === "string" ? arn.slice(arn.lastIndexOf("/") + 1) : undefined } = object;
  return id === undefined ? object : { id, ...object };
}

function valueIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valueIn);
  return isJsonObject(value) ? renamed(value) : value;
}

/** `ARN` as `arn`, `InstanceARN` as `instanceArn`, `AWSAccountId` as `awsAccountId`. */
function small(name: string): string {
  return name.replace(/ARN$/, "Arn").replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase());
}
