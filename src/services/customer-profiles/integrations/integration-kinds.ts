import { campaignIntegration } from "./campaign-integration.ts";
import { eventIntegration } from "./event-integration.ts";
import { flowIntegration } from "./flow-integration.ts";
import { instanceIntegration } from "./instance-integration.ts";
import type { IntegrationKind } from "./integration-kind.ts";
import { storageIntegration } from "./storage-integration.ts";
import { triggerIntegration } from "./trigger-integration.ts";

/** By how their `Uri`s begin. Whatever else there is names where an event trigger sends. */
const KINDS: readonly (readonly [begins: RegExp, kind: IntegrationKind])[] = [
  [/^arn:aws[^:]*:appflow:/, flowIntegration],
  [/^arn:aws[^:]*:s3:/, storageIntegration],
  [/^arn:aws[^:]*:connect:/, instanceIntegration],
  [/^arn:aws[^:]*:app-integrations:/, eventIntegration],
  [/^arn:aws[^:]*:connect-campaigns:[^:]*:[^:]*:instance\//, campaignIntegration],
];

export function kindOf(uri: string): IntegrationKind {
  return KINDS.find(([begins]) => begins.test(uri))?.[1] ?? triggerIntegration;
}
