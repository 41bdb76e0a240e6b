import type { PutPermissionRequest, RemovePermissionRequest } from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type PolicyDocument, parsePolicy, type Statement } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { BUSES, type Bus, busArn, busKey, noSuchBus, ownBusAddress } from "./bus.ts";
import { isNestedTooDeep } from "./compact-json.ts";
import { notFound, validationError } from "./errors.ts";
import { openBus } from "./open-bus.ts";

/** Characters of a bus policy, from the service quotas. */
const POLICY_CHARACTERS_MAX = 10_240;

/** Adds one statement to the policy of a bus, or replaces the policy by a whole document. */
export async function putPermission(input: Validated<PutPermissionRequest>, context: Context): Promise<void> {
  const { Policy: document, EventBusName } = input;
  // Nesting without end could be read but not shown again.
  const replacement = document === undefined || isNestedTooDeep(document) ? undefined : parsePolicy(document);
  if (document !== undefined && replacement === undefined) throw validationError("Parameter Policy is not valid.");

  await changePolicy("PutPermission", EventBusName, context, (bus) => {
    const policy = replacement ?? withStatement(bus.policy, statement(input, busArn(bus)));
    if (JSON.stringify(policy).length > POLICY_CHARACTERS_MAX) {
      throw new ModeledError(
        "PolicyLengthExceededException",
        `The event bus policy is longer than ${POLICY_CHARACTERS_MAX} characters.`,
      );
    }
    return policy;
  });
}

export async function removePermission(input: Validated<RemovePermissionRequest>, context: Context): Promise<void> {
  await changePolicy("RemovePermission", input.EventBusName, context, ({ policy }) => {
    if (input.RemoveAllPermissions) return undefined;
    if (input.StatementId === undefined) throw required("StatementId");
    const kept = policy?.Statement.filter(({ Sid }) => Sid !== input.StatementId) ?? [];
    if (policy === undefined || kept.length === policy.Statement.length) {
      throw notFound("Statement with the provided id does not exist.");
    }
    return kept.length > 0 ? { ...policy, Statement: kept } : undefined;
  });
}

async function changePolicy(
  operation: string,
  busName: string | undefined,
  context: Context,
  change: (bus: Bus) => PolicyDocument | undefined,
): Promise<void> {
  const address = ownBusAddress(busName, context, operation);
  const modifiedMs = context.clock.now();
  await context.store.commit(async (unit) => {
    const bus = await openBus(unit, context, address);
    if (bus === undefined) throw noSuchBus(address.name);
    const { policy: _, ...rest } = bus;
    const policy = change(bus);
    unit.put(BUSES, busKey(bus), { ...rest, ...(policy && { policy }), modifiedMs });
  });
}

function statement(input: Validated<PutPermissionRequest>, resource: string): Statement {
  const { Action, Principal, StatementId, Condition } = input;
  if (Action === undefined) throw required("Action");
  if (Principal === undefined) throw required("Principal");
  if (StatementId === undefined) throw required("StatementId");
  if (Action !== "events:PutEvents") throw validationError("Provided value in parameter 'action' is not supported.");
  return {
    Sid: StatementId,
    Effect: "Allow",
    Principal: Principal === "*" ? "*" : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: resource,
    ...(Condition && { Condition: { [Condition.Type]: { [Condition.Key]: Condition.Value } } }),
  };
}

/** A statement with an id that is there already takes its place. */
function withStatement(policy: PolicyDocument | undefined, added: Statement): PolicyDocument {
  const others = policy?.Statement.filter(({ Sid }) => Sid !== added.Sid) ?? [];
  return { Version: "2012-10-17", ...policy, Statement: [...others, added] };
}

function required(parameter: string): ModeledError {
  return validationError(`Parameter ${parameter} is not valid. Reason: ${parameter} is a required argument.`);
}
