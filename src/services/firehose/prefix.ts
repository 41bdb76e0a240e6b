/**
 * Prefixes of keys with their expressions: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 *
 *     ctr/dt=!{timestamp:yyyy-MM-dd}/!{firehose:random-string}/
 */
import { hash } from "node:crypto";
import { compileDatePattern } from "./date-pattern.ts";
import { invalidArgument } from "./errors.ts";

/** What kept records from where they were to go. */
export type ErrorOutputType = "processing-failed" | "decompression-failed" | "http-endpoint-failed";

type Part = string | { readonly namespace: "timestamp" | "firehose"; readonly value: string };

/** Longest prefix after its expressions have been replaced. */
const EVALUATED_MAX = 512;

/** An object's folder is of this hour where its prefix says no time. */
const DEFAULT_TIME = "yyyy/MM/dd/HH/";

const RANDOM_CHARACTERS = 11;

/** Throws `InvalidArgumentException` for prefixes that Firehose would not take. */
export function checkPrefixes(prefix: string | undefined, errorPrefix: string | undefined): void {
  const parts = parsePrefix(prefix ?? "", "Prefix");
  const errorParts = parsePrefix(errorPrefix ?? "", "ErrorOutputPrefix");
  if (parts.some((part) => isExpression(part, "firehose", "error-output-type"))) {
    throw invalidArgument("Prefix cannot contain !{firehose:error-output-type}.");
  }
  const hasExpressions = (some: readonly Part[]) => some.some((part) => typeof part !== "string");
  if (hasExpressions(parts) && !errorPrefix) {
    throw invalidArgument("ErrorOutputPrefix must be specified when Prefix contains expressions.");
  }
  const needsType = hasExpressions(parts) || hasExpressions(errorParts);
  if (needsType && !errorParts.some((part) => isExpression(part, "firehose", "error-output-type"))) {
    throw invalidArgument("ErrorOutputPrefix must contain at least one instance of !{firehose:error-output-type}.");
  }
}

export interface PrefixScene {
  /** When the oldest record arrived. */
  readonly timeMs: number;
  readonly zone: string;
  /** Decides what is random: the same text gives the same key. */
  readonly seed: string;
}

/** What the keys of a destination's objects begin with. */
export function evaluatePrefix(prefix: string, scene: PrefixScene): string {
  const parts = parsePrefix(prefix, "Prefix");
  const hasTime = parts.some((part) => typeof part !== "string" && part.namespace === "timestamp");
  return evaluate(hasTime ? parts : [...parts, { namespace: "timestamp", value: DEFAULT_TIME }], scene);
}

/** What the keys of records begin with that did not get to their destination. */
export function evaluateErrorPrefix(
  { prefix, errorPrefix }: { readonly prefix: string; readonly errorPrefix: string },
  type: ErrorOutputType,
  scene: PrefixScene,
): string {
  const parts = parsePrefix(errorPrefix, "ErrorOutputPrefix");
  if (parts.some((part) => typeof part !== "string")) return evaluate(parts, scene, type);
  const time: Part = { namespace: "timestamp", value: DEFAULT_TIME };
  return evaluate([errorPrefix || prefix, `${type}/`, time], scene, type);
}

function evaluate(parts: readonly Part[], { timeMs, zone, seed }: PrefixScene, type?: ErrorOutputType): string {
  const texts = parts.map((part, place) => {
    if (typeof part === "string") return part;
    if (part.namespace === "timestamp") return compileDatePattern(part.value)(timeMs, zone);
    return part.value === "random-string" ? randomString(`${seed}\n${type ?? ""}\n${place}`) : (type ?? "");
  });
  return texts.join("").slice(0, EVALUATED_MAX);
}

/** Letters and digits, the same for the same seed. */
function randomString(seed: string): string {
  const number = BigInt(`0x${hash("sha256", seed, "hex")}`);
  return number.toString(36).padStart(RANDOM_CHARACTERS, "0").slice(-RANDOM_CHARACTERS);
}

function isExpression(part: Part, namespace: string, value: string): boolean {
  return typeof part !== "string" && part.namespace === namespace && part.value === value;
}

function parsePrefix(text: string, member: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf("!{", at);
    if (begin < 0) break;
    const end = text.indexOf("}", begin);
    if (end < 0) throw invalidArgument(`${member} has an expression without an end: ${text.slice(begin)}`);
    if (begin > at) parts.push(text.slice(at, begin));
    parts.push(parseExpression(text.slice(begin + 2, end), member));
    at = end + 1;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

function parseExpression(text: string, member: string): Part {
  const colon = text.indexOf(":");
  const [namespace, value] = colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
  if (namespace === "timestamp" && value !== "") {
    try {
      compileDatePattern(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw invalidArgument(`${member} has an invalid timestamp pattern ${value}: ${error.message}`);
    }
    return { namespace, value };
  }
  if (namespace === "firehose" && (value === "random-string" || value === "error-output-type")) {
    return { namespace, value };
  }
  if (namespace === "partitionKeyFromQuery" || namespace === "partitionKeyFromLambda") {
    throw invalidArgument(`${member} has !{${namespace}:…}: dynamic partitioning is not built here.`);
  }
  throw invalidArgument(`${member} has an invalid expression !{${text}}.`);
}
