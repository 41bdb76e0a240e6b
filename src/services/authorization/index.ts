/** Whether the policies of who calls let an operation through: asked by the front door before each one. */
import { catalogEntry, loadModel } from "../../models/catalog.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import { type AccessRequest, decideRequest, recordUse } from "../iam/index.ts";
import { keptReader } from "../kept-reader.ts";
import type { Caller, Platform, Service } from "../service.ts";
import {
  type ActionTable,
  type Asking,
  compileNeeds,
  type FindNeeds,
  type Input,
  type Need,
  rolesIn,
} from "./action-table.ts";
import { actionTables } from "./tables.ts";
import { requestTags, resourceTags } from "./tag-keys.ts";

/** Who may ask what. Made once for all requests. */
export interface Authorizer {
  /**
   * `undefined` where there is nothing to ask: the root of an account may do everything in it, and some operations carry their own proof.
   * Throws `ModeledError` for what the caller may not do.
   */
  authorize(
    platform: Platform,
    caller: Caller,
    model: string,
    operation: string,
    input: unknown,
  ): Promise<void> | undefined;
}

/**
 * The same for Trunkline's own endpoints: `trunkline:POST` on `arn:aws:trunkline:us-east-1:111122223333:/clock`. Why the caller may not use
 * one; `undefined` where it may.
 */
export async function findEndpointDenial(
  platform: Platform,
  caller: Caller,
  method: string,
  path: string,
): Promise<string | undefined> {
  if (caller.principalArn.endsWith(":root")) return undefined;
  const resourceArn = `arn:aws:trunkline:${caller.region}:${caller.account}:/${path}`;
  const decision = await decideRequest(platform, { caller, action: `trunkline:${method}`, resourceArn });
  return decision.allowed ? undefined : decision.message;
}

/** The same for a service that is hosted elsewhere, of which only the action is known. */
export async function findUpstreamDenial(
  platform: Platform,
  caller: Caller,
  action: string,
): Promise<string | undefined> {
  if (caller.principalArn.endsWith(":root")) return undefined;
  const decision = await decideRequest(platform, { caller, action, resourceArn: "*" });
  return decision.allowed ? undefined : decision.message;
}

/** What an operation needs, worked out at its first call. */
interface Plan {
  readonly needs: FindNeeds;
  readonly table: ActionTable;
  readonly passes: boolean;
}

export function createAuthorizer(services: readonly Service[]): Authorizer {
  const policies = new Map(services.flatMap(({ policies: own = {} }) => Object.entries(own)));
  const tags = new Map(services.flatMap(({ tags: own = {} }) => Object.entries(own)));
  const plans = new Map<string, Plan | undefined>();
  const planOf = (model: string, operation: string): Plan | undefined => {
    const name = `${model} ${operation}`;
    if (!plans.has(name)) plans.set(name, planFor(model, operation));
    return plans.get(name);
  };

  return {
    authorize(platform, caller, model, operation, input) {
      // Hot, and the answer for nearly every request: keys of the credentials file are those of an account's root.
      if (caller.principalArn === "" || caller.principalArn.endsWith(":root")) return undefined;
      return ask(platform, caller, model, operation, input as Input);
    },
  };

  async function ask(
    platform: Platform,
    caller: Caller,
    model: string,
    operation: string,
    input: Input,
  ): Promise<void> {
    const plan = planOf(model, operation);
    await recordUse(platform, caller, catalogEntry(model).signingName);
    if (plan === undefined) return;
    const reader = keptReader(platform.store);
    const needs = await plan.needs(input, caller, reader);
    const roles = plan.passes ? rolesIn(input, plan.table.passes?.members ?? []) : [];
    const passed = roles.map((resourceArn): Need => ({ action: "iam:PassRole", resourceArn }));
    for (const { action, resourceArn } of [...needs, ...passed]) {
      const [, , service = "", , owner] = resourceArn.split(":", 5);
      // What tags another account has given is its own business.
      const tagged = owner === caller.account ? await tags.get(service)?.(reader, resourceArn) : undefined;
      const request: AccessRequest = {
        caller,
        action,
        resourceArn,
        resourcePolicy: await policies.get(service)?.(reader, resourceArn, caller.account),
        conditions: {
          ...conditionsOf(plan.table, { input, operation, action, caller }),
          ...resourceTags(tagged),
        },
      };
      const decision = await decideRequest(platform, request);
      if (!decision.allowed) throw new ModeledError(denialCode(model), decision.message);
    }
  }
}

/**
 * The permissions that a call needs, and the condition keys of its service. For a service that shares resources with other accounts: whether
 * the owner of a resource lets them do that, the service asks.
 */
export async function listNeeds(
  reader: Reader,
  caller: Asking,
  { model, operation, input }: { readonly model: string; readonly operation: string; readonly input: Input },
): Promise<readonly (Need & Pick<AccessRequest, "conditions">)[]> {
  const plan = planFor(model, operation);
  const needs = (await plan?.needs(input, caller, reader)) ?? [];
  return needs.map((need) => ({
    ...need,
    ...(plan && { conditions: conditionsOf(plan.table, { input, operation, action: need.action, caller }) }),
  }));
}

function planFor(model: string, operation: string): Plan | undefined {
  const table = actionTables[model]?.();
  if (table === undefined) return undefined;
  const needs = compileNeeds(table, model, operation);
  if (needs === undefined) return undefined;
  return { needs, table, passes: table.passes?.operations.includes(operation) ?? false };
}

function conditionsOf(
  table: ActionTable,
  { input, operation, action, caller }: { input: Input; operation: string; action: string; caller: Asking },
): Readonly<Record<string, readonly string[]>> {
  if (action === "iam:PassRole") return { "iam:PassedToService": [table.passes?.service ?? ""] };
  return { ...requestTags(input), ...table.conditions?.(input, operation, caller) };
}

/** The code of a refusal: the one that the service models, if it does. */
function denialCode(name: string): string {
  const { protocol, shapes } = loadModel(name);
  if (shapes.AuthorizationErrorException !== undefined) return "AuthorizationErrorException";
  return protocol === "query" || protocol === "rest-xml" ? "AccessDenied" : "AccessDeniedException";
}
