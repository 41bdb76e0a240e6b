/**
 * A stack as it is kept: itself, its resources, what they have left behind, its events, exports and imports.
 *
 *     operation: apply ──► clean up ──► none        (create, update, and an update's way back)
 *                  │ failed                │
 *                  ▼                       ▼
 *                delete, or apply the template before      delete ──► none
 *
 * All of an operation's progress is in these documents: whichever process finds a stack with an operation goes on with it.
 */
import type { StackStatus, Tag } from "@aws-sdk/client-cloudformation";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Caller, Context } from "../service.ts";
import { noStack } from "./errors.ts";
import { putSignal } from "./signals.ts";

/** On whose behalf a stack's resources are made. */
export type StackCaller = Pick<Caller, "account" | "region" | "accessKeyId" | "principalArn" | "sourceIp">;

/** A template with the values of its parameters. */
export interface Description {
  readonly templateText: string;
  /** Texts by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Those that are declared with `NoEcho`, sealed. Absent: there are none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What those that name a parameter of Systems Manager stood for when they were given. */
  readonly looked?: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
}

/** Of a stack or an operation, what describes it. */
export function descriptionOf({ templateText, parameters, secrets, looked, tags }: Description): Description {
  return { templateText, parameters, ...(secrets && { secrets }), ...(looked && { looked }), tags };
}

/** A stack or an operation with another description. */
export function describedAs<T extends Description>(of: T, description: Description): T {
  const { secrets: _secrets, looked: _looked, ...rest } = of;
  return { ...rest, ...descriptionOf(description) } as T;
}

/** Properties or attributes of a resource; where a parameter of its stack is secret their JSON, sealed. */
export type Kept = Readonly<Record<string, unknown>> | readonly [sealed: string];

export interface Operation extends Description {
  /** Minted when it begins: a resource that has its id has been dealt with. */
  readonly id: string;
  readonly kind: "create" | "update" | "update-rollback" | "create-rollback" | "delete";
  readonly phase: "apply" | "clean-up" | "delete";
  readonly caller: StackCaller;
  readonly onFailure: "ROLLBACK" | "DELETE" | "DO_NOTHING";
  /** What an update goes back to when it fails. */
  readonly before?: Description;
  /** The stack that this one is nested in is told of the end by a signal with it. */
  readonly token?: string;
  /** Why it goes back. */
  readonly failure?: string;
  /** Resources that a deletion leaves as they are. */
  readonly retained?: readonly string[];
}

export interface Stack extends Description {
  /** Its ARN. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly status: StackStatus;
  readonly reason?: string;
  readonly description?: string;
  readonly capabilities: readonly string[];
  readonly notificationArns: readonly string[];
  readonly roleArn?: string;
  /** Told, and kept: nothing of a stack is ended by it here. */
  readonly timeoutInMinutes?: number;
  readonly disableRollback: boolean;
  readonly isProtected: boolean;
  readonly createdMs: number;
  readonly updatedMs?: number;
  readonly deletedMs?: number;
  readonly outputs: readonly StackOutput[];
  /** Names of exports of other stacks that it uses. */
  readonly imports: readonly string[];
  readonly changeSetId?: string;
  /** Of a nested stack: the one that it lies in, and the outermost one. */
  readonly parentId?: string;
  readonly rootId?: string;
  readonly operation?: Operation;
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface StackResource {
  readonly stackId: string;
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly changedMs: number;
  /** Of the operation that last dealt with it. */
  readonly operationId: string;
  /** A creation that was begun, and what is fixed about it, so that it can be begun again. */
  readonly started?: {
    readonly name: string;
    readonly token: string;
    readonly properties?: Kept;
    /** Physical ids of those that were there before it and look like it. */
    readonly others?: readonly string[];
  };
  /** What it waits for, and what it is that waits. */
  readonly waiting?: Waiting;
  /** An update that was begun: what the resource is by now is not known until it ends. */
  readonly attempted?: Kept;
  /** Absent: it is not there. */
  readonly made?: MadeResource;
}

/** A step of a resource that is through once others have said so. */
export interface Waiting {
  readonly token: string;
  readonly count: number;
  readonly dueMs?: number;
  /** What a creation has begun, if it is given up. */
  readonly begun?: MadeResource;
}

/** What exists. */
export interface MadeResource {
  readonly physicalId: string;
  readonly attributes: Kept;
  /** As they were given to it. */
  readonly properties: Kept;
  /** Those of the stack among them. Absent for what was made before they were noted. */
  readonly tags?: readonly Tag[];
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
}

/** A resource that another one has taken the place of, and that is to be deleted. */
export interface Leftover {
  readonly stackId: string;
  readonly logicalId: string;
  readonly type: string;
  readonly made: MadeResource;
  /** It was the stack's before this update, and is again where the update fails. */
  readonly isReplaced?: boolean;
  /** Its deletion waits. */
  readonly waiting?: Waiting;
}

export interface KeptEvent {
  readonly id: string;
  readonly stackId: string;
  readonly number: number;
  readonly timeMs: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

export interface Export {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly value: string;
  readonly stackId: string;
}

export interface Import {
  readonly account: string;
  readonly region: string;
  readonly exportName: string;
  readonly stackId: string;
  readonly stackName: string;
}

export const STACKS: Collection<Stack> = collection("cfn_stack", {
  /** One of a name that is not deleted. */
  name: {
    type: "text",
    unique: true,
    value: ({ account, region, name, deletedMs }) =>
      deletedMs === undefined ? compositeKey(account, region, name) : undefined,
  },
  working: { type: "text", value: ({ operation, id }) => (operation === undefined ? undefined : id) },
});
export const STACK_RESOURCES: Collection<StackResource> = collection("cfn_stack_resource", {
  physical: {
    type: "text",
    value: ({ made, stackId }) => made && compositeKey(made.physicalId, stackId),
  },
});
export const LEFTOVERS: Collection<Leftover> = collection("cfn_leftover");
export const EVENTS: Collection<KeptEvent> = collection("cfn_event");
const EVENT_COUNTS: Collection<{ readonly count: number }> = collection("cfn_event_count");
export const EXPORTS: Collection<Export> = collection("cfn_export");
export const IMPORTS: Collection<Import> = collection("cfn_import");

export function resourceKey({ stackId, logicalId }: Pick<StackResource, "stackId" | "logicalId">): string {
  return compositeKey(stackId, logicalId);
}

export function leftoverKey({ stackId, logicalId, made }: Leftover): string {
  return compositeKey(stackId, logicalId, made.physicalId);
}

export function exportKey({ account, region, name }: Pick<Export, "account" | "region" | "name">): string {
  return compositeKey(account, region, name);
}

export function importKey({ account, region, exportName, stackId }: Omit<Import, "stackName">): string {
  return compositeKey(account, region, exportName, stackId);
}

export async function listResources(reader: Reader, stackId: string): Promise<readonly StackResource[]> {
  return listAll(reader, STACK_RESOURCES, compositeKey(stackId, ""));
}

export async function listLeftovers(reader: Reader, stackId: string): Promise<readonly Leftover[]> {
  return listAll(reader, LEFTOVERS, compositeKey(stackId, ""));
}

export async function listAll<T>(reader: Reader, from: Collection<T>, prefix: string, index?: string): Promise<T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(from, { prefix, limit: 500, after, ...(index !== undefined && { index }) });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** A stack by name, or by id, deleted or not. Those of other accounts and Regions are not there. */
export async function findStack(
  reader: Reader,
  { account, region }: Pick<Context, "account" | "region">,
  nameOrId: string,
): Promise<Stack | undefined> {
  if (!nameOrId.startsWith("arn:")) {
    const page = await reader.list(STACKS, {
      index: "name",
      equals: compositeKey(account, region, nameOrId),
      limit: 1,
    });
    return page.documents[0];
  }
  const stack = await reader.get(STACKS, nameOrId);
  return stack?.account === account && stack.region === region ? stack : undefined;
}

export async function getStack(reader: Reader, context: Context, nameOrId: string): Promise<Stack> {
  const stack = await findStack(reader, context, nameOrId);
  if (stack === undefined) throw noStack(nameOrId);
  return stack;
}

export interface Told {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
}

/** Adds an event to a stack's. */
export async function tell(unit: Unit, stackId: string, nowMs: number, told: Told): Promise<void> {
  const number = ((await unit.get(EVENT_COUNTS, stackId))?.count ?? 0) + 1;
  unit.put(EVENT_COUNTS, stackId, { count: number });
  const { reason, ...rest } = told;
  unit.put(EVENTS, compositeKey(stackId, number), {
    ...rest,
    ...(reason !== undefined && { reason }),
    id: `${told.logicalId}-${number}-${told.status}`,
    stackId,
    number,
    timeMs: nowMs,
  });
}

const VERBS: Readonly<Record<Operation["kind"], string>> = {
  create: "created",
  "create-rollback": "created",
  update: "updated",
  "update-rollback": "updated",
  delete: "deleted",
};

/** Writes a stack with another status and says so, to the one that it is nested in too where that waits for the end of its operation. */
export async function putStatus(
  unit: Unit,
  nowMs: number,
  { operation, reason: _reason, ...stack }: Stack,
  status: StackStatus,
  next: { readonly operation?: Operation; readonly reason?: string } = {},
): Promise<void> {
  if (operation?.token !== undefined && next.operation?.token !== operation.token) {
    const why = operation.failure ?? next.reason ?? `Currently in ${status}`;
    await putSignal(unit, operation.token, {
      Status: /^(CREATE|UPDATE|DELETE)_COMPLETE$/.test(status) ? "SUCCESS" : "FAILED",
      Reason: `Embedded stack ${stack.id} was not successfully ${VERBS[operation.kind]}: ${why}`,
      Outputs: Object.fromEntries(stack.outputs.map(({ key, value }) => [key, value])),
    });
  }
  const { reason } = next;
  unit.put(STACKS, stack.id, { ...stack, status, ...(reason !== undefined && { reason }), ...next });
  const { id, name } = stack;
  const type = "AWS::CloudFormation::Stack";
  await tell(unit, id, nowMs, { logicalId: name, physicalId: id, type, status, reason });
}
