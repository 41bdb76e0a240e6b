/** A REST API as operations on it and on what is in it find it. */
import { type Collection, compositeKey, type Page, type Reader, type Unit } from "../../../store/store.ts";
import { notFound } from "../errors.ts";
import { type Owned, type PartDocument, partKey, type RestApiDocument, restApis } from "./documents.ts";

/** The caller's API of that id. Another account's is no other than one that is not there. */
export async function getApi(reader: Reader, owner: Owned, apiId: string): Promise<RestApiDocument> {
  const found = await findApi(reader, owner, apiId);
  if (found === undefined) throw notFound(`Invalid API identifier specified ${owner.account}:${apiId}`);
  return found;
}

export async function findApi(
  reader: Reader,
  { account, region }: Owned,
  apiId: string,
): Promise<RestApiDocument | undefined> {
  const found = await reader.get(restApis, apiId);
  return found?.account === account && found.region === region ? found : undefined;
}

/** Says that something in an API changes: what rests on more than one of its parts is decided once at a time. */
export function touchApi(unit: Unit, document: RestApiDocument): void {
  unit.put(restApis, document.api.id, { ...document, revision: document.revision + 1 });
}

/** A part of the caller's API; `missing` is what is said where either is not there. */
export async function getPart<T>(
  reader: Reader,
  owner: Owned,
  parts: Collection<PartDocument<T>>,
  { apiId, id, missing }: { apiId: string; id: string; missing: string },
): Promise<T> {
  const api = await findApi(reader, owner, apiId);
  const found = api && (await reader.get(parts, partKey(apiId, id)));
  if (found === undefined) throw notFound(missing);
  return found.part;
}

/** All parts of a kind, in the order of their ids. Limits keep them few. */
export async function listParts<T>(
  reader: Reader,
  parts: Collection<PartDocument<T>>,
  apiId: string,
): Promise<readonly T[]> {
  return (await listAll(reader, parts, apiId)).map(({ part }) => part);
}

/** All documents of an API in a collection. */
export async function listAll<T>(reader: Reader, from: Collection<T>, apiId: string): Promise<readonly T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const page: Page<T> = await reader.list(from, { prefix: compositeKey(apiId, ""), limit: 1_000, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

export function putPart<T>(unit: Unit, parts: Collection<PartDocument<T>>, apiId: string, id: string, part: T): void {
  unit.put(parts, partKey(apiId, id), { apiId, part });
}
