/** Which Connect instance the reader looks at; remembered from visit to visit. */
import { signal } from "@preact/signals";
import { listAll } from "./listing.ts";

export interface Instance {
  readonly Id: string;
  readonly InstanceAlias?: string;
}

const KEY = "trunkline.instance";

export const instances = signal<readonly Instance[] | undefined>(undefined);
/** Why it is not known which instances there are: who is signed in may not list them, say. */
export const instancesError = signal<Error | undefined>(undefined);
export const instanceId = signal<string | undefined>(localStorage.getItem(KEY) ?? undefined);

export function chooseInstance(id: string): void {
  instanceId.value = id;
  localStorage.setItem(KEY, id);
}

const LISTING = {
  model: "connect",
  operation: "ListInstances",
  member: "InstanceSummaryList",
  token: "NextToken",
} as const;

/** Looks which instances there are. One that has been deleted is not looked at any more. */
export async function loadInstances(): Promise<void> {
  try {
    instances.value = await listAll<Instance>(LISTING);
    instancesError.value = undefined;
  } catch (error) {
    instancesError.value = error as Error;
    return;
  }
  const known = instances.value.some(({ Id }) => Id === instanceId.value);
  if (!known) instanceId.value = instances.value[0]?.Id;
}
