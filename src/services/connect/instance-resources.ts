import { ModeledError } from "../../models/modeled-error.ts";
import {
  type Collection,
  collection,
  type IndexDeclaration,
  type Reader,
  UniqueIndexError,
} from "../../store/store.ts";
import { type InstanceRef, instanceKey, parseResourceId, type ResourceKind } from "./arns.ts";
import { notFound } from "./errors.ts";

/** What all configured resources of an instance have. */
export interface InstanceResource extends InstanceRef {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly lastModifiedMs: number;
}

/** Declares a collection of resources of instances. Their names are unique in their instance. */
export function instanceResources<T extends InstanceResource>(
  name: string,
  indexes: Record<string, IndexDeclaration<T>> = {},
): Collection<T> {
  return collection<T>(name, {
    name: { type: "text", unique: true, value: (resource) => instanceKey(resource, resource.name) },
    ...indexes,
  });
}

export function resourceKey(resource: InstanceRef & { readonly id: string }): string {
  return instanceKey(resource, resource.id);
}

/** Finds a resource by id or ARN. `undefined`: not in this instance. */
export async function findResource<T extends InstanceResource>(
  reader: Reader,
  from: Collection<T>,
  kind: ResourceKind,
  instance: InstanceRef,
  idOrArn: string,
): Promise<T | undefined> {
  const id = parseResourceId(kind, instance, idOrArn);
  return id === undefined ? undefined : reader.get(from, instanceKey(instance, id));
}

/** The same, or `ResourceNotFoundException`. */
export async function getResource<T extends InstanceResource>(
  reader: Reader,
  from: Collection<T>,
  kind: ResourceKind,
  instance: InstanceRef,
  idOrArn: string,
): Promise<T> {
  const resource = await findResource(reader, from, kind, instance, idOrArn);
  if (!resource) throw notFound(`The ${KIND_NAMES[kind]} ${idOrArn} does not exist in instance ${instance.instanceId}`);
  return resource;
}

const KIND_NAMES: Readonly<Record<ResourceKind, string>> = {
  agentStatus: "agent status",
  contact: "contact",
  contactFlow: "flow",
  hoursOfOperation: "hours of operation",
  queue: "queue",
  routingProfile: "routing profile",
  securityProfile: "security profile",
};

/** Turns a broken unique name into the error that the operations model. */
export async function refusingDuplicateName<R>(name: string | undefined, change: Promise<R>): Promise<R> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof UniqueIndexError)) throw error;
    throw new ModeledError("DuplicateResourceException", `A resource named ${name} already exists in this instance`);
  }
}
