/** What tables of resource types are made of. */
import {
  type Answer,
  CallFailure,
  type Changing,
  type Made,
  type Properties,
  type Recovery,
  type Work,
} from "../resource-type.ts";

/** Those of some properties that are there. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(
    names.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])),
  );
}

/** Tags as a map. Absent where there are none. */
export function tagMap({ tags }: Pick<Work, "tags">, member: string): Properties {
  return tags.length === 0 ? {} : { [member]: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
}

export function tagList({ tags }: Pick<Work, "tags">, member: string = "Tags"): Properties {
  return tags.length === 0 ? {} : { [member]: tags };
}

/** The list at a property; empty where it is absent. */
export function listAt(properties: Properties, name: string): readonly Answer[] {
  const value = properties[name] ?? [];
  if (!Array.isArray(value)) {
    throw new Error(`Properties validation failed: #/${name}: expected type: JSONArray, found: ${typeNamed(value)}`);
  }
  return value;
}

function typeNamed(value: unknown): string {
  if (typeof value === "object") return "JSONObject";
  return typeof value === "string" ? "String" : typeof value === "number" ? "Number" : "Boolean";
}

/** A whole number within bounds at a property. */
export function numberAt(
  properties: Properties,
  name: string,
  fallback: number,
  [least, most]: [number, number],
): number {
  const value = Number(properties[name] ?? fallback);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`Properties validation failed: #/${name}: it must be a whole number from ${least} to ${most}`);
}

export function textAt(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === "string" ? value : String(value ?? "");
}

/** What stands behind the last slash: the id in an ARN. */
export function idIn(arn: unknown): string {
  const text = String(arn);
  return text.slice(text.lastIndexOf("/") + 1);
}

/** What a call answers; `undefined` where there is nothing of that name. */
export async function found(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CallFailure && error.isNotFound) return undefined;
    throw error;
  }
}

/** All items of a list, whatever its pages are called. */
export async function listed(
  call: Work["call"],
  model: string,
  operation: string,
  { member, ...input }: Properties & { readonly member: string },
): Promise<readonly Answer[]> {
  const items: Answer[] = [];
  let next: Properties | undefined = {};
  while (next !== undefined) {
    const answer: Answer = await call(model, operation, { ...input, ...next });
    items.push(...(answer[member] ?? []));
    next = nextPage(answer);
  }
  return items;
}

function nextPage({ NextToken, nextToken, position, NextMarker }: Properties): Properties | undefined {
  if (NextMarker !== undefined) return { Marker: NextMarker };
  if (position !== undefined) return { position };
  const token = NextToken ?? nextToken;
  return token === undefined ? undefined : { NextToken: token };
}

/** Whether an item of a list has what some properties say. */
export function hasSame(item: Answer, properties: Properties, names: readonly string[]): boolean {
  const members = new Map(Object.entries(item as Properties).map(([name, value]) => [name.toLowerCase(), value]));
  return names.every((name) => String(members.get(name.toLowerCase()) ?? "") === String(properties[name] ?? ""));
}

/** How a type is recovered whose resources an operation tells, one by one or in a list. */
export function recoveryOf(
  existing: (work: Work) => Promise<readonly Answer[]>,
  made: (answer: Answer, work: Work) => Made | Promise<Made>,
): Recovery {
  const all = async (work: Work): Promise<readonly Made[]> =>
    Promise.all((await existing(work)).map((answer) => made(answer, work)));
  return {
    candidates: async (work) => (await all(work)).map(({ physicalId }) => physicalId),
    async complete(work, physicalId) {
      const found = (await all(work)).find((one) => one.physicalId === physicalId);
      if (found === undefined) throw new Error(`${physicalId} is not there any more`);
      return found;
    },
  };
}

/** One answer as a list, none where there is nothing of that name. */
export async function oneFound(call: Promise<Answer>): Promise<readonly Answer[]> {
  const answer = await found(call);
  return answer === undefined ? [] : [answer];
}

/** Brings the tags of what is there to what they are to be. `key`: the member that names the resource. */
export async function retag(
  { call, tags, tagKeysBefore }: Changing,
  {
    model,
    resource,
    ...names
  }: { model: string; resource: Properties; tag?: string; untag?: string; keys?: string; map?: string },
): Promise<void> {
  const wanted = new Set(tags.map(({ Key }) => Key));
  const gone = tagKeysBefore.filter((key) => !wanted.has(key));
  if (gone.length > 0)
    await call(model, names.untag ?? "UntagResource", { ...resource, [names.keys ?? "tagKeys"]: gone });
  if (tags.length === 0) return;
  const given =
    names.map === undefined
      ? { Tags: tags }
      : { [names.map]: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
  await call(model, names.tag ?? "TagResource", { ...resource, ...given });
}
