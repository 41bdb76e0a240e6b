import type { AskedServer } from "./asked-server.ts";
import { type Finding, find, isFound, only, type Pattern, unmatched } from "./matching.ts";
import { type Waiting, waitFor } from "./waiting.ts";

/** A case with its fields: those of the system by id (`title`, `status`), the domain's own by name. */
export interface FoundCase {
  readonly caseId: string;
  readonly templateId: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

export interface CaseWaiting extends Waiting {
  /** The name of the Cases domain. Not needed where there is one alone. */
  readonly domain?: string;
}

/** SearchCases tells so many fields, and such pages. */
const FIELDS_MAX = 25;
const PAGE = 25;

/**
 * Waits for a case whose fields match a pattern in EventBridge's language, `{ title: [{ prefix: "Parcel" }], status: ["open"] }`, and answers
 * with it. Throws an `AssertionError` that tells which case came nearest, and why it did not match.
 */
export async function expectCase(
  server: AskedServer,
  pattern: Pattern,
  { domain, ...waiting }: CaseWaiting = {},
): Promise<FoundCase> {
  const domainId = await domainIdOf(server, domain);
  const names = await fieldNames(server, domainId, Object.keys(pattern));
  let cases: readonly FoundCase[] = [];
  const look = async (): Promise<Finding> => {
    cases = await listCases(server, domainId, names);
    return await find(server, { documents: cases.map(({ fields }) => fields), pattern });
  };
  const finding = await waitFor(server.clock, waiting, look, isFound);
  if (finding.found) return cases[finding.found.at] as FoundCase;
  throw unmatched({ what: "a case", wanted: pattern, at: await server.clock.now() }, finding);
}

async function domainIdOf(server: AskedServer, domain: string | undefined): Promise<string> {
  const { domains } = (await server.connection.call("connectcases", "ListDomains")) as {
    readonly domains: readonly { readonly name: string; readonly domainId: string }[];
  };
  const names = domains.map(({ name }) => name);
  const wanted = domain ?? only(names, "Cases domain");
  const found = domains.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`There is no Cases domain ${wanted}; there are ${names.join(", ")}`);
  return found.domainId;
}

/** Names by id, of those that are asked for before others. Throws where one that is asked for is not there. */
async function fieldNames(
  server: AskedServer,
  domainId: string,
  asked: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const all: [id: string, name: string][] = [];
  let nextToken: string | undefined;
  do {
    const page = await server.connection.call("connectcases", "ListFields", { domainId, nextToken });
    for (const { fieldId, name, namespace } of page.fields)
      all.push([fieldId, namespace === "System" ? fieldId : name]);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  const missing = asked.find((name) => name !== "$or" && !all.some(([, known]) => known === name));
  if (missing !== undefined) {
    throw new Error(`There is no field ${missing}; there are ${all.map(([, name]) => name).join(", ")}`);
  }
  return new Map([...all.filter(([, name]) => asked.includes(name)), ...all].slice(0, FIELDS_MAX));
}

async function listCases(
  server: AskedServer,
  domainId: string,
  names: ReadonlyMap<string, string>,
): Promise<readonly FoundCase[]> {
  const found: FoundCase[] = [];
  let nextToken: string | undefined;
  do {
    const fields = [...names.keys()].map((id) => ({ id }));
    const search = { domainId, fields, maxResults: PAGE, nextToken };
    const page = await server.connection.call("connectcases", "SearchCases", search);
    for (const { caseId, templateId, fields: values } of page.cases) {
      found.push({ caseId, templateId, fields: Object.fromEntries(valuesOf(values, names)) });
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

type Value = readonly [name: string, value: string | number | boolean];

function valuesOf(
  fields: readonly { readonly id: string; readonly value: Readonly<Record<string, unknown>> }[],
  names: ReadonlyMap<string, string>,
): readonly Value[] {
  return fields.flatMap(({ id, value }) => {
    const [only] = Object.values(value);
    return typeof only === "object" ? [] : [[names.get(id) ?? id, only as Value[1]] as const];
  });
}
