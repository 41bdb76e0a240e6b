/**
 * Values of parameters that are declared with `NoEcho`, sealed: those of the stack, and the properties and attributes of its resources, of which
 * nobody knows which ones they are in.
 */
import { openSecret, sealSecret } from "../secret-box.ts";
import type { Platform } from "../service.ts";
import { validationError } from "./errors.ts";
import type { Description, Kept, StackResource } from "./stack.ts";
import type { Template } from "./template/template.ts";

/** Whose key it is. */
export type Holder = Pick<Platform, "store" | "folder" | "ids">;

interface Place {
  readonly account: string;
  readonly region: string;
}

type Texts = Readonly<Record<string, string>>;

/** Texts as they are kept. Outside of units, as all that seals. */
export function sealParameters(
  holder: Holder & Place,
  { parameters }: Template,
  texts: Texts,
): Pick<Description, "parameters" | "secrets"> {
  const [open, sealed]: [Record<string, string>, Record<string, string>] = [{}, {}];
  for (const [name, text] of Object.entries(texts)) {
    if (parameters[name]?.NoEcho) sealed[name] = sealSecret(holder, ofParameter(holder, name), text);
    else open[name] = text;
  }
  return { parameters: open, ...(Object.keys(sealed).length > 0 && { secrets: sealed }) };
}

/** All texts of a description. Throws `ValidationError` where the key is not there any more. */
export function openParameters(
  holder: Holder,
  place: Place,
  { parameters, secrets = {} }: Pick<Description, "parameters" | "secrets">,
): Texts {
  const opened = Object.entries(secrets).map(([name, sealed]): [string, string] => {
    return [name, opening(holder, ofParameter(place, name), sealed)];
  });
  return { ...parameters, ...Object.fromEntries(opened) };
}

function ofParameter({ account, region }: Place, name: string): string {
  return `cloudformation parameter ${account} ${region} ${name}`;
}

function opening(holder: Holder, purpose: string, sealed: string): string {
  const text = openSecret(holder, purpose, sealed);
  if (text === undefined) throw validationError(`The key that the ${purpose} was sealed with is not there any more`);
  return text;
}

type OfResource = Pick<StackResource, "stackId" | "logicalId">;

function ofResource({ stackId, logicalId }: OfResource): string {
  return `cloudformation resource ${stackId} ${logicalId}`;
}

/** What is kept of a resource's properties or attributes: sealed where a parameter of its stack's is secret. Outside of units. */
export function keep(
  holder: Holder,
  resource: OfResource,
  { secrets }: Pick<Description, "secrets">,
  values: Readonly<Record<string, unknown>>,
): Kept {
  return secrets === undefined ? values : [sealSecret(holder, ofResource(resource), JSON.stringify(values))];
}

export function opened(holder: Holder, resource: OfResource, kept: Kept): Readonly<Record<string, unknown>> {
  return isSealed(kept) ? JSON.parse(opening(holder, ofResource(resource), kept[0])) : kept;
}

function isSealed(kept: Kept): kept is readonly [string] {
  return Array.isArray(kept);
}
