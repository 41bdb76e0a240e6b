/** What a resource of a stack is worked on with: its properties resolved, and calls as whoever made the stack. */

import { assumeRoleAsService } from "../iam/index.ts";
import type { Caller, Platform } from "../service.ts";
import {
  type Answer,
  CallFailure,
  type NameRule,
  type Properties,
  type ResourceType,
  type Work,
} from "./resource-type.ts";
import { shapedInput } from "./shaped-input.ts";
import type { Operation, Stack } from "./stack.ts";
import { isMap } from "./template/template.ts";

export type CallAs = (model: string, operation: string, input: Properties) => Promise<Answer>;

/** Calls as a stack's operation does: as its caller, or as the stack's role. Throws `ModeledError` where the role cannot be assumed. */
export async function callsOf(platform: Platform, { id, roleArn }: Stack, operation: Operation): Promise<CallAs> {
  const caller: Omit<Caller, "requestId"> = {
    ...operation.caller,
    signal: new AbortController().signal,
    ...(roleArn !== undefined && (await asRole(platform, roleArn, id))),
  };
  return async (model, name, input) => {
    const call = { model, operation: name, input: shapedInput(model, name, input) };
    const { status, document } = await platform.callOperation(call, { ...caller, requestId: platform.ids.uuid() });
    if (status === 200) return document;
    const { code = "InternalFailure", message = "" } = document as { code?: string; message?: string };
    throw new CallFailure(call, status, code, message);
  };
}

async function asRole(platform: Platform, roleArn: string, sourceArn: string): Promise<Partial<Caller>> {
  const { accessKeyId, principalArn } = await assumeRoleAsService(platform, {
    roleArn,
    service: "cloudformation.amazonaws.com",
    sessionName: "AWSCloudFormation",
    sourceArn,
  });
  return { accessKeyId, principalArn };
}

export function workOn(
  platform: Pick<Platform, "endpoint">,
  { stack, operation, call }: { readonly stack: Stack; readonly operation: Operation; readonly call: CallAs },
  resource: {
    readonly logicalId: string;
    readonly type: string;
    readonly properties: Properties;
    readonly name: string;
    readonly token: string;
  },
): Work {
  const { account, region, id: stackId, name: stackName } = stack;
  return {
    ...resource,
    account,
    region,
    stackId,
    stackName,
    endpoint: platform.endpoint,
    tags: mergedTags(operation.tags, resource.properties.Tags),
    call,
  };
}

/** A resource's tags and its stack's; its own win. Throws for what are no tags. */
export function mergedTags(ofStack: Operation["tags"], own: unknown): Work["tags"] {
  const merged = new Map<string, string>();
  for (const { Key, Value } of ofStack) merged.set(String(Key), String(Value));
  const pairs = Array.isArray(own) ? own.map(pairOf) : isMap(own ?? {}) ? Object.entries(own ?? {}) : undefined;
  if (pairs === undefined) throw wrongTags();
  for (const [key, value] of pairs) merged.set(key, String(value));
  return [...merged].map(([Key, Value]) => ({ Key, Value }));
}

function pairOf(tag: unknown): [string, unknown] {
  if (isMap(tag) && typeof tag.Key === "string" && ["string", "number", "boolean"].includes(typeof tag.Value)) {
    return [tag.Key, tag.Value];
  }
  throw wrongTags();
}

function wrongTags(): Error {
  return new Error("Properties validation failed: #/Tags: each must have a Key and a Value");
}

/** The name of a resource that is about to be made: the template's, or `STACK-LOGICALID-RANDOM`, cut to fit. `random`: in [0, 1). */
export function physicalName(
  { name: rule }: ResourceType,
  { stackName, logicalId, properties }: Pick<Work, "stackName" | "logicalId" | "properties">,
  random: () => number,
): string {
  const given = rule === undefined ? undefined : properties[rule.property];
  if (rule !== undefined && given !== undefined) return nameIn(rule.property, given);
  const code = Array.from(
    { length: CODE_CHARACTERS },
    () => CODE_ALPHABET[Math.floor(random() * CODE_ALPHABET.length)],
  );
  const suffix = rule?.suffix?.(properties) ?? "";
  const room = (rule?.charactersMax ?? NAME_CHARACTERS_MAX) - CODE_CHARACTERS - 2 - suffix.length;
  const stackPart = stackName.slice(0, Math.max(1, room - Math.min(logicalId.length, Math.ceil(room / 2))));
  const logicalPart = logicalId.slice(0, Math.max(1, room - stackPart.length));
  return cased(`${stackPart}-${logicalPart}-${code.join("")}${suffix}`, rule);
}

function nameIn(property: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new Error(`Properties validation failed: #/${property}: it must be a string`);
}

const CODE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const CODE_CHARACTERS = 12;
const NAME_CHARACTERS_MAX = 64;

function cased(name: string, rule: NameRule | undefined): string {
  return rule?.isLowerCase ? name.toLowerCase() : name;
}
