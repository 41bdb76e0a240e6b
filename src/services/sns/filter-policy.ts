/**
 * Filter policies: which messages a subscription gets. Their language is that of event patterns with limits of its own; what it looks at is the
 * message's attributes, or its body as JSON.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
import type { Condition } from "../../matching/condition.ts";
import { parseEventPattern } from "../../matching/event-pattern.ts";
import type { JsonObject } from "../../matching/machine.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import { isJsonObject, parseJsonObject } from "../json-text.ts";
import { invalidParameter } from "./errors.ts";
import type { MessageAttributes } from "./message.ts";

export type FilterScope = "MessageAttributes" | "MessageBody";

const KEYS_MAX = 5;
const COMBINATIONS_MAX = 150;
const POLICY_BYTES_MAX = 256 * 1024;
const PATTERN_PREFIX = "Event pattern is not valid. Reason: ";

/** Compiles a policy. Throws `InvalidParameter`; `prefix` is what stands before the reason. */
export function compileFilterPolicy(text: string, scope: FilterScope, prefix: string): Condition {
  const refuse = (reason: string): Error => invalidParameter(`${prefix}FilterPolicy: ${reason}`);
  if (Buffer.byteLength(text) > POLICY_BYTES_MAX) throw refuse("Filter policy is too large");
  const policy = parseJsonObject(text);
  if (policy === undefined) throw refuse("failed to parse JSON.");
  let condition: Condition;
  try {
    condition = parseEventPattern(text);
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    throw refuse(error.message.replace(PATTERN_PREFIX, ""));
  }
  const size = sizeOf(policy, 1);
  if (size.keys > KEYS_MAX) throw refuse(`Filter policy can not have more than ${KEYS_MAX} keys`);
  if (scope === "MessageAttributes" && size.isNested) {
    throw invalidParameter("Filter policy scope MessageAttributes does not support nested filter policy");
  }
  if (size.combinations > COMBINATIONS_MAX) throw refuse("Filter policy is too complex");
  return condition;
}

interface PolicySize {
  readonly keys: number;
  /** The product of the lengths of all lists, each times its level. */
  readonly combinations: number;
  readonly isNested: boolean;
}

/** Levels are few: the pattern has been parsed, which bounds them. */
function sizeOf(policy: Readonly<Record<string, unknown>>, level: number): PolicySize {
  let size: PolicySize = { keys: 0, combinations: 1, isNested: false };
  for (const [name, value] of Object.entries(policy)) {
    if (name === "$or" && Array.isArray(value) && value.every(isJsonObject)) {
      // Each alternative is asked beside the others.
      const each = value.map((alternative) => sizeOf(alternative, level));
      size = {
        keys: size.keys + Math.max(...each.map(({ keys }) => keys), 0),
        combinations: size.combinations * each.reduce((sum, { combinations }) => sum + combinations, 0),
        isNested: size.isNested || each.some(({ isNested }) => isNested),
      };
    } else if (isJsonObject(value)) {
      const inner = sizeOf(value, level + 1);
      size = { keys: size.keys + inner.keys, combinations: size.combinations * inner.combinations, isNested: true };
    } else {
      const values = Array.isArray(value) ? value.length : 1;
      size = { ...size, keys: size.keys + 1, combinations: size.combinations * values * level };
    }
  }
  return size;
}

/** What a policy on attributes looks at: texts, numbers, and the elements of arrays. Binary attributes match nothing. */
export function filteredAttributes(attributes: MessageAttributes): JsonObject {
  const values: Record<string, unknown> = {};
  for (const [name, { dataType, value }] of Object.entries(attributes)) {
    if (dataType === "String.Array") values[name] = arrayOf(value) ?? [];
    else if (dataType.startsWith("Number")) values[name] = Number(value);
    else if (dataType.startsWith("String")) values[name] = value;
  }
  return values as JsonObject;
}

function arrayOf(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    const isScalar = (value: unknown): boolean => value === null || typeof value !== "object";
    return Array.isArray(parsed) ? parsed.filter(isScalar) : isScalar(parsed) ? parsed : undefined;
  } catch {
    // What is no array matches nothing.
    return undefined;
  }
}
