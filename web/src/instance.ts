/** Which Connect instance the reader looks at; remembered from visit to visit. */
import { signal } from "@preact/signals";
import { listAll } from "./listing.ts";

export interface Instance {
  readonly Id: string;
  readonly InstanceAlias?: string;
}

const KEY = "trunkline.instance";

export const instances = signal<readonly Instance[] | undefined>(undefined);
export const instanceId = signal<string | undefined>(localStorage.getItem(KEY) ?? undefined);

export function chooseInstance(id: string): void {
  instanceId.value = id;
  localStorage.setItem(KEY, id);
}

/** Looks which instances there are. One that has been deleted is not looked at any more. */
export async function loadInstances(): Promise<void> {
  const found = await listAll<Instance>({
    model: "connect",
    operation: "ListInstances",
    member: "InstanceSummaryList",
    token: "NextToken",
  });
  instances.value = found;
  const known = found.some(({ Id }) => Id === instanceId.value);
  if (!known) instanceId.value = found[0]?.Id;
}
