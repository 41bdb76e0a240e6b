import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { validationError } from "./errors.ts";
import { type Description, findStack, type Stack } from "./stack.ts";

export interface ChangeSet {
  /** Its ARN. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: "CREATE" | "UPDATE";
  readonly described: Description;
  readonly settings: Partial<Stack>;
  readonly description?: string;
  readonly onStackFailure?: string;
  readonly createdMs: number;
  readonly status: "CREATE_COMPLETE" | "FAILED";
  readonly reason?: string;
  readonly executionStatus: "AVAILABLE" | "UNAVAILABLE" | "EXECUTE_COMPLETE" | "OBSOLETE";
  readonly changes: readonly PlannedChange[];
}

export interface PlannedChange {
  readonly action: "Add" | "Modify" | "Remove";
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly replacement?: "True" | "False" | "Conditional";
  /** Properties that change. */
  readonly properties: readonly { readonly name: string; readonly replaces: boolean }[];
}

export const CHANGE_SETS: Collection<ChangeSet> = collection("cfn_change_set", {
  stack: { type: "text", value: ({ stackId, id }) => `${stackId} ${id}` },
});

/** A change set by its ARN, or by its name and its stack's. */
export async function findChangeSet(
  reader: Reader,
  context: Pick<Context, "account" | "region">,
  nameOrId: string,
  stackName: string | undefined,
): Promise<ChangeSet | undefined> {
  if (nameOrId.startsWith("arn:")) {
    const found = await reader.get(CHANGE_SETS, nameOrId);
    return found?.account === context.account && found.region === context.region ? found : undefined;
  }
  if (stackName === undefined) {
    throw validationError("StackName must be specified if ChangeSetName is not specified as an ARN.");
  }
  const stack = await findStack(reader, context, stackName);
  if (stack === undefined) return undefined;
  return (await changeSetsOf(reader, stack.id)).find(({ name }) => name === nameOrId);
}

export async function getChangeSet(
  reader: Reader,
  context: Pick<Context, "account" | "region">,
  nameOrId: string,
  stackName: string | undefined,
): Promise<ChangeSet> {
  const found = await findChangeSet(reader, context, nameOrId, stackName);
  if (found === undefined)
    throw new ModeledError("ChangeSetNotFoundException", `ChangeSet [${nameOrId}] does not exist`);
  return found;
}

/** Change sets that a stack may have at a time. */
const CHANGE_SETS_MAX = 1000;

export async function changeSetsOf(reader: Reader, stackId: string): Promise<readonly ChangeSet[]> {
  return (await reader.list(CHANGE_SETS, { index: "stack", prefix: `${stackId} `, limit: CHANGE_SETS_MAX })).documents;
}

/** A stack becomes another one: the set that says so is done, and what others have planned is obsolete. */
export async function closeSets(unit: Unit, stackId: string, executedId?: string): Promise<void> {
  for (const set of await changeSetsOf(unit, stackId)) {
    if (set.id === executedId) unit.put(CHANGE_SETS, set.id, { ...set, executionStatus: "EXECUTE_COMPLETE" });
    else if (executedId !== undefined) unit.delete(CHANGE_SETS, set.id);
    else if (set.executionStatus === "AVAILABLE") {
      unit.put(CHANGE_SETS, set.id, { ...set, executionStatus: "OBSOLETE" });
    }
  }
}

export async function forgetSets(unit: Unit, stackId: string): Promise<void> {
  for (const { id } of await changeSetsOf(unit, stackId)) unit.delete(CHANGE_SETS, id);
}
