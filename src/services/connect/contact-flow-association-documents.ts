import type { FlowAssociationResourceType } from "@aws-sdk/client-connect";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";

/** The flow that the contacts of a resource run. */
export interface FlowAssociation extends InstanceRef {
  readonly type: FlowAssociationResourceType;
  /** An e-mail address's id; of other resources what the caller calls them. */
  readonly resourceId: string;
  readonly flowId: string;
}

export const flowAssociations: Collection<FlowAssociation> = collection("connect_flow_associations");

export function flowAssociationKey({ type, resourceId, ...instance }: Omit<FlowAssociation, "flowId">): string {
  return instanceKey(instance, type, resourceId);
}

/** The flow that mails to an address run, if it has one. */
export async function flowIdOfEmailAddress(
  reader: Reader,
  address: InstanceRef & { readonly id: string },
): Promise<string | undefined> {
  const key = flowAssociationKey({ ...refOf(address), type: "INBOUND_EMAIL", resourceId: address.id });
  return (await reader.get(flowAssociations, key))?.flowId;
}

/** An address that goes takes its flows with it. */
export function deleteFlowsOfEmailAddress(unit: Unit, address: InstanceRef & { readonly id: string }): void {
  for (const type of ["INBOUND_EMAIL", "OUTBOUND_EMAIL"] as const) {
    unit.delete(flowAssociations, flowAssociationKey({ ...refOf(address), type, resourceId: address.id }));
  }
}
