/**
 * Patch operations, as Update operations of REST APIs take them: a table for each kind of resource says which paths there are and what each
 * operation does at one. https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
 *
 * The service has two dialects to refuse a patch in; each kind of resource speaks one of them.
 */
import type { PatchOperation } from "@aws-sdk/client-api-gateway";
import { badRequest, notFound } from "./errors.ts";

/** Does an operation to a draft. `names` are the parts of the path that stand in braces in the table, unescaped. */
export type PatchStep<T> = (draft: T, value: string | undefined, names: readonly string[]) => void;

export type PatchOp = "add" | "replace" | "remove" | "copy";
export type PatchSteps<T> = Readonly<Partial<Record<PatchOp, PatchStep<T>>>>;

/** By path, such as `/requestParameters/{name}`. */
export type PatchTable<T> = Readonly<Record<string, PatchSteps<T>>>;

/** `lists-paths`: "Must be one of: [/name]". `names-path`: "Invalid patch path /x". */
export type PatchDialect = "lists-paths" | "names-path";

/** More than anybody writes by hand: each costs a look at the draft. */
const OPERATIONS_MAX = 1_000;

/** What a document is after the operations, one after the other. Throws for the first that cannot be done; nothing is changed in place. */
export function patched<T>(
  document: T,
  operations: readonly PatchOperation[] | undefined,
  table: PatchTable<T>,
  dialect: PatchDialect,
): T {
  checkOperationCount(operations);
  const draft = structuredClone(document);
  for (const operation of operations ?? []) {
    const { step, names } = findStep(operation, table, dialect);
    step(draft, operation.value, names);
  }
  return draft;
}

export function checkOperationCount(operations: readonly PatchOperation[] = []): void {
  if (operations.length <= OPERATIONS_MAX) return;
  throw badRequest(`Too many patch operations specified. The maximum is ${OPERATIONS_MAX}`);
}

function findStep<T>(
  operation: PatchOperation,
  table: PatchTable<T>,
  dialect: PatchDialect,
): { step: PatchStep<T>; names: readonly string[] } {
  const { op, path = null } = operation;
  const given = (path ?? "").split("/").map(unescaped);
  for (const [pattern, steps] of Object.entries(table)) {
    const names = path === null ? undefined : namesIn(pattern.split("/"), given);
    if (names === undefined) continue;
    const step = op === undefined ? undefined : steps[op as PatchOp];
    if (step !== undefined) return { step, names };
    if (dialect === "names-path") throw unsupportedOperation(steps);
  }
  if (dialect === "names-path") throw badRequest(`Invalid patch path ${path}`);
  const paths = Object.keys(table).filter((pattern) => op !== undefined && table[pattern]?.[op as PatchOp]);
  const advice = paths.length === 0 ? "Please choose supported operations" : `Must be one of: [${paths.join(", ")}]`;
  throw badRequest(`Invalid patch path  '${path}' specified for op '${op ?? null}'. ${advice}`);
}

function unsupportedOperation<T>(steps: PatchSteps<T>): Error {
  return badRequest(`Invalid patch operation specified. Must be one of: [${Object.keys(steps).join(", ")}]`);
}

/** What stands at the braces of a pattern, where a path fits it. */
function namesIn(pattern: readonly string[], given: readonly string[]): readonly string[] | undefined {
  if (pattern.length !== given.length) return undefined;
  const names: string[] = [];
  for (const [index, part] of pattern.entries()) {
    const found = given[index] ?? "";
    if (part.startsWith("{")) names.push(found);
    else if (part !== found) return undefined;
  }
  return names;
}

/** A part of a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901#section-4 */
function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

type KeysOf<T, V> = { [K in keyof T]-?: Exclude<T[K], undefined> extends V ? K : never }[keyof T];

/** Replaces a text; an empty one removes it. */
export function text<T>(key: KeysOf<T, string>): PatchStep<T> {
  return (draft, value) => {
    if (value === undefined || value === "") delete draft[key];
    else draft[key] = value as T[typeof key];
  };
}

export function flag<T>(key: KeysOf<T, boolean>): PatchStep<T> {
  // Whatever is not "true" is false, no value too.
  return (draft, value) => {
    draft[key] = (value?.toLowerCase() === "true") as T[typeof key];
  };
}

export function removal<T>(key: keyof T): PatchStep<T> {
  return (draft) => {
    delete draft[key];
  };
}

/** One entry of a map: set, or removed. `missing` is what is said of one that is to be changed and is not there. */
export function entry<T>(
  key: keyof T,
  missing: string,
  parse: (value: string | undefined, name: string) => unknown = (value) => value ?? "",
): PatchSteps<T> {
  const mapOf = (draft: T): Record<string, unknown> => (draft[key] ?? {}) as Record<string, unknown>;
  const set: PatchStep<T> = (draft, value, [name = ""]) => {
    draft[key] = { ...mapOf(draft), [name]: parse(value, name) } as T[typeof key];
  };
  const existing: PatchStep<T> = (draft, _, [name = ""]) => {
    if (!Object.hasOwn(mapOf(draft), name)) throw notFound(missing);
  };
  return {
    add: set,
    replace(draft, value, names) {
      // A bad value is refused before an entry that is not there.
      parse(value, names[0] ?? "");
      existing(draft, value, names);
      set(draft, value, names);
    },
    remove(draft, value, names) {
      existing(draft, value, names);
      const { [names[0] ?? ""]: _, ...rest } = mapOf(draft);
      if (Object.keys(rest).length === 0) delete draft[key];
      else draft[key] = rest as T[typeof key];
    },
  };
}

/** One element of a list of texts: added where it is not there yet, replaced, or removed. */
export function element<T>(key: KeysOf<T, string[]>): PatchSteps<T> {
  const listOf = (draft: T): string[] => (draft[key] ?? []) as string[];
  const set = (draft: T, list: string[]): void => {
    if (list.length === 0) delete draft[key];
    else draft[key] = list as T[typeof key];
  };
  const without = (draft: T, name: string): string[] => listOf(draft).filter((one) => one !== name);
  return {
    add: (draft, value, [name = value ?? ""]) => set(draft, [...without(draft, name), name]),
    replace: (draft, value, [name = ""]) => set(draft, [...without(draft, name), value ?? name]),
    remove: (draft, _, [name = ""]) => set(draft, without(draft, name)),
  };
}
