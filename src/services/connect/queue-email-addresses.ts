/** The e-mail addresses that agents may send from while they serve a queue: one by default, and others that they can choose. */
import type {
  AssociateQueueEmailAddressesRequest,
  DisassociateQueueEmailAddressesRequest,
  ListQueueEmailAddressesRequest,
  ListQueueEmailAddressesResponse,
  UpdateQueueOutboundEmailConfigRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, parseResourceId, resourceArn } from "./arns.ts";
import { useEmailAddress } from "./email-addresses.ts";
import { invalidNextToken } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { changeQueue, emailAddressesOf, getQueue, type Queue } from "./queues.ts";

/** "Up to 49 additional email addresses with a single queue, plus 1 default outbound email address, for a total of 50." */
const ADDRESSES_MAX = 50;

/** Adds addresses to a queue. Those that it has already stay. */
export async function associateQueueEmailAddresses(
  input: Validated<AssociateQueueEmailAddressesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQueue(input, context, async (unit, queue) => {
    const { emailAddressIds: added = [] } = await useEmailAddresses(unit, queue, input);
    const emailAddressIds = [...new Set([...(queue.emailAddressIds ?? []), ...added])];
    if (emailAddressesOf({ ...queue, emailAddressIds }).length > ADDRESSES_MAX) throw tooMany();
    return { emailAddressIds };
  });
}

/** Takes addresses from a queue. Those that it does not have are ignored, and the default one stays (our choice). */
export async function disassociateQueueEmailAddresses(
  input: Validated<DisassociateQueueEmailAddressesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQueue(input, context, async (_unit, queue) => {
    const removed = input.EmailAddressesId.map((id) => parseResourceId("emailAddress", queue, id));
    return { emailAddressIds: (queue.emailAddressIds ?? []).filter((id) => !removed.includes(id)) };
  });
}

/** Sets the default address, or, without one, takes it away (our choice). */
export async function updateQueueOutboundEmailConfig(
  input: Validated<UpdateQueueOutboundEmailConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQueue(input, context, async (unit, queue) => {
    const { outboundEmailAddressId } = await useEmailAddresses(unit, queue, input);
    // The model has no error for a limit here.
    if (emailAddressesOf({ ...queue, outboundEmailAddressId }).length > ADDRESSES_MAX)
      throw tooMany("InvalidRequestException");
    return { outboundEmailAddressId };
  });
}

/** "The list includes both explicitly associated email addresses and any default outbound email address." */
export async function listQueueEmailAddresses(
  input: Validated<ListQueueEmailAddressesRequest>,
  context: Context,
): Promise<ListQueueEmailAddressesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const queue = await getQueue(context.store, instance, input.QueueId);
  const page = slicePage(emailAddressesOf(queue).sort(), (id) => id, {
    of: ["ListQueueEmailAddresses", resourceKey(queue)],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    EmailAddressMetadataList: page.items.map((id) => ({
      Id: id,
      Arn: resourceArn("emailAddress", queue, id),
      IsDefaultOutboundEmail: id === queue.outboundEmailAddressId,
    })),
    NextToken: page.nextToken,
    LastModifiedTime: new Date(queue.lastModifiedMs),
    LastModifiedRegion: queue.region,
  };
}

/** What a request says about the addresses of a queue. */
interface EmailConfigs {
  readonly OutboundEmailConfig?: { readonly OutboundEmailAddressId?: string | undefined } | undefined;
  readonly EmailAddressesConfig?: readonly { readonly EmailAddressId: string }[] | undefined;
}

/** The same in our terms; the addresses exist. */
export async function useEmailAddresses(
  unit: Unit,
  instance: InstanceRef,
  { OutboundEmailConfig, EmailAddressesConfig = [] }: EmailConfigs,
): Promise<Pick<Queue, "outboundEmailAddressId" | "emailAddressIds">> {
  const outboundId = OutboundEmailConfig?.OutboundEmailAddressId;
  const emailAddressIds: string[] = [];
  for (const { EmailAddressId } of EmailAddressesConfig) {
    emailAddressIds.push(await useEmailAddress(unit, instance, EmailAddressId));
  }
  return {
    outboundEmailAddressId: outboundId === undefined ? undefined : await useEmailAddress(unit, instance, outboundId),
    emailAddressIds: [...new Set(emailAddressIds)],
  };
}

function tooMany(error: "LimitExceededException" | "InvalidRequestException" = "LimitExceededException"): ModeledError {
  return new ModeledError(error, `A queue may have at most ${ADDRESSES_MAX} e-mail addresses`);
}
