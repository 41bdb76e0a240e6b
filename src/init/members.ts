/** Which members an entry of a kind may have: those of the inputs of its operations, but for what its place and the server say. */
import { loadModel } from "../models/catalog.ts";
import type { Member, ServiceModel } from "../models/model.ts";
import { structureNamed } from "../models/shapes.ts";
import type { Change, ExtraMember, Kind } from "./kind.ts";

/** A member of an entry: its shape in the kind's model, or what stands in the table. */
export type EntryMember = { readonly shape: string } | { readonly extra: ExtraMember };

export interface EntryMembers {
  readonly members: Readonly<Record<string, EntryMember>>;
  readonly required: readonly string[];
}

const known = new Map<string, EntryMembers>();

/** Members that say how to call rather than what to make. */
const NEVER = ["ClientToken", "NextToken", "MaxResults", "DryRun", "RevisionId"];

export function membersOf(kind: Kind): EntryMembers {
  const found = known.get(kind.section) ?? readMembers(kind);
  known.set(kind.section, found);
  return found;
}

function readMembers(kind: Kind): EntryMembers {
  const model = loadModel(kind.model);
  const input = createInput(model, kind);
  const hidden = new Set([...NEVER, ...Object.keys(kind.within ?? {}), ...(kind.hidden ?? [])]);
  const members: Record<string, EntryMember> = {};
  const take = (name: string, { shape, location, idempotencyToken }: Member): void => {
    const isCall = kind.model === "s3" && location === "header" && !kind.headers?.includes(name);
    if (hidden.has(name) || idempotencyToken || isCall) return;
    members[name] ??= { shape };
  };
  for (const [name, member] of Object.entries(input.members)) take(name, member);
  for (const change of kind.changes ?? []) {
    for (const [name, member] of Object.entries(changeMembers(model, kind, change))) take(name, member);
  }
  for (const [name, extra] of Object.entries(kind.extra ?? {})) members[name] = { extra };
  const required = [...new Set([kind.name, ...(input.required ?? [])])].filter((name) => Object.hasOwn(members, name));
  return { members, required };
}

export function createInput(model: ServiceModel, { create }: Kind): ReturnType<typeof structureNamed> {
  const input = inputOf(model, create.operation);
  return create.wrap === undefined ? input : wrapped(model, input, create.wrap);
}

/** The members of entries that a change takes, by the entries' names. */
export function changeMembers(model: ServiceModel, kind: Kind, change: Change): Readonly<Record<string, Member>> {
  const input = inputOf(model, change.operation);
  const { members } = change.wrap === undefined ? input : wrapped(model, input, change.wrap);
  const own = new Set([...Object.keys(change.input ?? {}), ...Object.keys(kind.within ?? {})]);
  const back = Object.fromEntries(Object.entries(change.from ?? {}).map(([mine, its]) => [its, mine]));
  return Object.fromEntries(
    Object.entries(members)
      .filter(([name]) => !own.has(name))
      .map(([name, member]) => [back[name] ?? name, member] as const)
      .filter(([name]) => change.only === undefined || change.only.includes(name))
      .filter(([name]) => !/^(NewPath|New\w+Name|CreateNewVersion|ResetOrderNumber)$/.test(name)),
  );
}

/** Members of entries that some operation changes. */
export function changeableMembers(kind: Kind): readonly string[] {
  const model = loadModel(kind.model);
  return (kind.changes ?? []).flatMap((change) => [
    ...Object.keys(changeMembers(model, kind, change)),
    ...(change.only ?? []),
  ]);
}

function inputOf(model: ServiceModel, operation: string): ReturnType<typeof structureNamed> {
  return structureNamed(model, model.operations[operation]?.input ?? operation);
}

function wrapped(
  model: ServiceModel,
  input: ReturnType<typeof structureNamed>,
  list: string,
): ReturnType<typeof structureNamed> {
  const shape = model.shapes[input.members[list]?.shape ?? ""];
  return structureNamed(model, shape?.type === "list" ? shape.member.shape : list);
}
