/** Which Connect instance the reader looks at; remembered from visit to visit. */
import { signal } from "@preact/signals";
import { call } from "./server.ts";

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

export async function loadInstances(): Promise<void> {
  const { InstanceSummaryList = [] } = await call<{ InstanceSummaryList?: Instance[] }>("connect", "ListInstances");
  instances.value = InstanceSummaryList;
  const known = InstanceSummaryList.some(({ Id }) => Id === instanceId.value);
  if (!known) instanceId.value = InstanceSummaryList[0]?.Id;
}
