import type { Unit } from "../../../store/store.ts";
import { appendServiceEvents } from "../../logs/index.ts";
import type { Platform } from "../../service.ts";
import { instanceKey, resourceArn } from "../arns.ts";
import type { Contact } from "../contacts.ts";
import type { FlowAction, JsonObject } from "../flow-language/flow.ts";
import { instances } from "../instances.ts";
import type { Program } from "./programs.ts";
import type { Result } from "./step.ts";

export interface LoggedStep {
  readonly program: Program;
  readonly action: FlowAction;
  readonly parameters: JsonObject;
  readonly atMs: number;
  readonly result: Result;
}

/**
 * Writes what a flow did to CloudWatch Logs, where the flow has switched that on and the instance allows it: to the group
 * `/aws/connect/<alias>`, in a stream a day ("Data in flow logs", administrator guide).
 */
export async function logSteps(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  steps: readonly LoggedStep[],
): Promise<void> {
  if (steps.length === 0) return;
  const instance = await unit.get(instances, instanceKey(contact));
  if (instance?.attributes.CONTACTFLOW_LOGS !== "true") return;
  const { account, region } = contact;
  const day = new Date(platform.clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
  await appendServiceEvents(
    unit,
    platform,
    { account, region, group: `/aws/connect/${instance.alias ?? instance.instanceId}`, stream: day },
    steps.map((step) => ({ timestampMs: step.atMs, message: JSON.stringify(lineOf(contact, step)) })),
  );
}

function lineOf(contact: Contact, { program, action, parameters, atMs, result }: LoggedStep): object {
  const kind = program.kind === "MODULE" ? "contactFlowModule" : "contactFlow";
  const results = resultsOf(result);
  return {
    ContactId: contact.id,
    ContactFlowId: resourceArn(kind, contact, program.id),
    ContactFlowName: program.name,
    ContactFlowModuleType: action.type,
    Identifier: action.identifier,
    Timestamp: new Date(atMs).toISOString(),
    Parameters: parameters,
    ...(results !== undefined && { Results: results }),
  };
}

function resultsOf(result: Result): string | undefined {
  if (typeof result === "string") return undefined;
  if ("result" in result) return result.result;
  if ("error" in result) return result.error;
  return "ends" in result ? result.ends : undefined;
}
