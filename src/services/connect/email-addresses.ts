import type {
  CreateEmailAddressRequest,
  CreateEmailAddressResponse,
  DeleteEmailAddressRequest,
  DescribeEmailAddressRequest,
  DescribeEmailAddressResponse,
  EmailAddressMetadata,
  EmailAddressSearchCriteria,
  SearchEmailAddressesRequest,
  SearchEmailAddressesResponse,
  UpdateEmailAddressMetadataRequest,
  UpdateEmailAddressMetadataResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { claimTokenOnce } from "./client-tokens.ts";
import { deleteFlowsOfEmailAddress } from "./contact-flow-association-documents.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { emailAddressesOf, queues } from "./queues.ts";
import { criteriaMatch, findAll, searchResources, stringLeaf, tagMatch } from "./search.ts";

/** An e-mail address that an instance receives at and sends from. Its name is the address. */
export interface EmailAddress extends InstanceResource {
  readonly displayName?: string | undefined;
  readonly createdMs: number;
}

export const emailAddresses: Collection<EmailAddress> = instanceResources("connect_email_addresses");

export async function createEmailAddress(
  input: Validated<CreateEmailAddressRequest>,
  context: Context,
): Promise<CreateEmailAddressResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const earlier = await claimTokenOnce(unit, context, { operation: "CreateEmailAddress", input, madeId: id });
    if (earlier !== undefined) return answerOf(instance, earlier);

    const nowMs = context.clock.now();
    const address: EmailAddress = {
      ...refOf(instance),
      id,
      name: input.EmailAddress,
      displayName: input.DisplayName,
      description: input.Description,
      tags: input.Tags ?? {},
      createdMs: nowMs,
      lastModifiedMs: nowMs,
    };
    unit.put(emailAddresses, resourceKey(address), address);
    return answerOf(instance, id);
  });
  return refusingDuplicateName(input.EmailAddress, commit);
}

export async function describeEmailAddress(
  input: Validated<DescribeEmailAddressRequest>,
  context: Context,
): Promise<DescribeEmailAddressResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const address = await getEmailAddress(context.store, instance, input.EmailAddressId);
  return {
    ...describe(address),
    CreateTimestamp: new Date(address.createdMs).toISOString(),
    ModifiedTimestamp: new Date(address.lastModifiedMs).toISOString(),
    Tags: { ...address.tags },
  };
}

/** Searches addresses. The documentation does not name the fields; these are our choice. */
export async function searchEmailAddresses(
  input: Validated<SearchEmailAddressesRequest>,
  context: Context,
): Promise<SearchEmailAddressesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, emailAddresses, instance, {
    operation: "SearchEmailAddresses",
    input,
    match: [
      criteriaMatch<EmailAddress, EmailAddressSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          emailAddress: (address) => address.name,
          displayName: (address) => address.displayName,
          description: (address) => address.description,
          resourceID: (address) => address.id,
        }),
      }),
      tagMatch(input.SearchFilter?.TagFilter),
    ],
  });
  return { EmailAddresses: page.items.map(describe), NextToken: page.nextToken, ApproximateTotalCount: page.total };
}

export async function updateEmailAddressMetadata(
  input: Validated<UpdateEmailAddressMetadataRequest>,
  context: Context,
): Promise<UpdateEmailAddressMetadataResponse> {
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const address = await getEmailAddress(unit, instance, input.EmailAddressId);
    const made = { operation: "UpdateEmailAddressMetadata", input, madeId: address.id };
    const earlier = await claimTokenOnce(unit, context, made);
    if (earlier !== undefined) return answerOf(instance, earlier);

    unit.put(emailAddresses, resourceKey(address), {
      ...address,
      displayName: input.DisplayName ?? address.displayName,
      description: input.Description ?? address.description,
      lastModifiedMs: context.clock.now(),
    });
    return answerOf(instance, address.id);
  });
}

/** Deletes an address that no queue has. One in use is a ResourceConflictException (our choice: the model has nothing closer). */
export async function deleteEmailAddress(
  input: Validated<DeleteEmailAddressRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const address = await getEmailAddress(unit, instance, input.EmailAddressId);
    const [queue] = await findAll(unit, queues, instanceKey(instance, ""), [
      (candidate) => emailAddressesOf(candidate).includes(address.id),
    ]);
    if (queue) {
      throw new ModeledError(
        "ResourceConflictException",
        `E-mail address ${address.id} is in use by queue ${queue.id}`,
      );
    }
    unit.delete(emailAddresses, resourceKey(address));
    deleteFlowsOfEmailAddress(unit, address);
  });
  return {};
}

/** The id of an address, for what refers to it. Writes it as well, since whether it may be deleted rests on what refers to it. */
export async function useEmailAddress(unit: Unit, instance: InstanceRef, idOrArn: string): Promise<string> {
  const address = await getEmailAddress(unit, instance, idOrArn);
  unit.put(emailAddresses, resourceKey(address), address);
  return address.id;
}

/** The address of an instance that reads so, whatever the case. */
export async function findEmailAddress(
  reader: Reader,
  instance: InstanceRef,
  address: string,
): Promise<EmailAddress | undefined> {
  const exact = { index: "name", equals: instanceKey(instance, address), limit: 1 };
  const found = (await reader.list(emailAddresses, exact)).documents[0];
  if (found) return found;
  const isSame = ({ name }: EmailAddress) => name.toLowerCase() === address.toLowerCase();
  return (await findAll(reader, emailAddresses, instanceKey(instance, ""), [isSame]))[0];
}

function describe(address: EmailAddress): EmailAddressMetadata {
  return {
    EmailAddressId: address.id,
    EmailAddressArn: resourceArn("emailAddress", address, address.id),
    EmailAddress: address.name,
    DisplayName: address.displayName,
    Description: address.description,
  };
}

/** An address of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getEmailAddress(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<EmailAddress> {
  return getResource(reader, emailAddresses, "emailAddress", instance, idOrArn);
}

function answerOf(instance: InstanceRef, id: string): CreateEmailAddressResponse {
  return { EmailAddressId: id, EmailAddressArn: resourceArn("emailAddress", instance, id) };
}
