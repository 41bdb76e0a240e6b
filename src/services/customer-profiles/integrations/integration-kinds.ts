import { flowIntegration } from "./flow-integration.ts";
import type { IntegrationKind } from "./integration-kind.ts";
import { triggerIntegration } from "./trigger-integration.ts";

/** By how their `Uri`s begin. Whatever else there is names where an event trigger sends. */
const KINDS: readonly (readonly [begins: RegExp, kind: IntegrationKind])[] = [
  [/^arn:aws[^:]*:appflow:/, flowIntegration],
];

export function kindOf(uri: string): IntegrationKind {
  return KINDS.find(([begins]) => begins.test(uri))?.[1] ?? triggerIntegration;
}
