import { isJsonText } from "../json-text.ts";
import type { BusEvent } from "./event.ts";
import { type EventPath, parseEventPath, select } from "./event-path.ts";

/**
 * Input transformers: values picked out of an event and put into a template.
 *
 * A template whose first character is `{` is JSON, any other is text. Where a value stands decides how it is written:
 *
 *     in a JSON template, outside of quotes    as JSON; a missing one as ""
 *     in a JSON template, inside of quotes     strings as they are, unescaped; objects and arrays as JSON, which spoils the result
 *     in a text template                       strings as they are; objects and arrays as JSON without its double quotes
 *
 * A JSON template whose result is not JSON yields nothing: the real service drops such an event without a trace.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export interface InputTransformer {
  readonly parts: readonly Part[];
  readonly isJson: boolean;
  readonly paths: ReadonlyMap<string, EventPath>;
}

type Part = string | { readonly variable: string; readonly quoted: boolean };

/** What the reserved variables say beside the event. */
export interface Transformation {
  readonly event: BusEvent;
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly ingestionTimeMs: number;
}

/** Why a transformer cannot be used. */
export type TransformerProblem = { readonly invalidPlaceholder: string } | { readonly invalidPath: string };

const PLACEHOLDER = /<([\p{L}\p{N}_.-]+)>/gu;

const RESERVED: Readonly<Record<string, (transformation: Transformation) => unknown>> = {
  "aws.events.rule-arn": ({ ruleArn }) => ruleArn,
  "aws.events.rule-name": ({ ruleName }) => ruleName,
  "aws.events.event.ingestion-time": ({ ingestionTimeMs }) => new Date(ingestionTimeMs).toISOString(),
  "aws.events.event": ({ event }) => withoutDetail(event),
  "aws.events.event.json": ({ event }) => event,
};

/** Compiles a template and its paths. */
export function compileTransformer(
  template: string,
  pathsMap: Readonly<Record<string, string>>,
): InputTransformer | TransformerProblem {
  const paths = new Map<string, EventPath>();
  for (const [name, text] of Object.entries(pathsMap)) {
    const path = parseEventPath(text);
    if (path === undefined) return { invalidPath: text };
    paths.set(name, path);
  }
  const parts = partsOf(template);
  for (const part of parts) {
    if (typeof part === "string" || paths.has(part.variable) || Object.hasOwn(RESERVED, part.variable)) continue;
    return { invalidPlaceholder: part.variable };
  }
  return { parts, paths, isJson: template.trimStart().startsWith("{") };
}

/** The shaped input; `undefined` where the template is JSON and the result is not. */
export function transform(transformer: InputTransformer, transformation: Transformation): string | undefined {
  const { parts, isJson, paths } = transformer;
  const text = parts
    .map((part) => {
      if (typeof part === "string") return part;
      const value = valueFor(part.variable, paths, transformation);
      if (!isJson) return inText(value);
      return part.quoted ? inQuotes(value) : inJson(value);
    })
    .join("");
  return isJson && !isJsonText(text) ? undefined : text;
}

/** Cuts a template at its placeholders and notes which of them stand inside of double quotes. */
function partsOf(template: string): readonly Part[] {
  const parts: Part[] = [];
  let quoted = false;
  let end = 0;
  for (const found of template.matchAll(PLACEHOLDER)) {
    const literal = template.slice(end, found.index);
    if (hasOddQuotes(literal)) quoted = !quoted;
    parts.push(literal, { variable: found[1] ?? "", quoted });
    end = found.index + found[0].length;
  }
  return [...parts, template.slice(end)];
}

function hasOddQuotes(literal: string): boolean {
  return (literal.match(/\\.|"/gs) ?? []).filter((mark) => mark === '"').length % 2 === 1;
}

function valueFor(variable: string, paths: ReadonlyMap<string, EventPath>, transformation: Transformation): unknown {
  const path = paths.get(variable);
  return path ? select(path, transformation.event) : RESERVED[variable]?.(transformation);
}

function inJson(value: unknown): string {
  return value === undefined ? '""' : JSON.stringify(value);
}

function inQuotes(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function inText(value: unknown): string {
  return typeof value === "string" ? value : inQuotes(value).replaceAll('"', "");
}

/** In the order and with the names of the real service, as its recorded answers have them. */
function withoutDetail(event: BusEvent): unknown {
  const { id, account, time, source, region, resources, version } = event;
  return { id, account, detailType: event["detail-type"], time, source, region, resources, version };
}
