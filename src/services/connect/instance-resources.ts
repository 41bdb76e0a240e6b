import { ModeledError } from "../../models/modeled-error.ts";
import {
  type Collection,
  collection,
  type IndexDeclaration,
  type Reader,
  UniqueIndexError,
} from "../../store/store.ts";
import { type ListedPage, listPage } from "../list-page.ts";
import { type InstanceRef, instanceKey, parseResourceId, type ResourceKind } from "./arns.ts";
import { invalidNextToken, notFound } from "./errors.ts";

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

/** Resources of a page where the caller names no number. The model's largest page is 1,000; the documentation gives no default. */
export const PAGE_SIZE = 100;

/** A page of an instance's resources, in the order of their ids; of all, or of those of some types. */
export function listResources<T extends InstanceResource>(
  reader: Reader,
  from: Collection<T>,
  instance: InstanceRef,
  request: {
    readonly operation: string;
    readonly input: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined };
    readonly types?: { readonly wanted: readonly string[] | undefined; readonly typeOf: (resource: T) => string };
  },
): Promise<ListedPage<T>> {
  const { operation, input, types } = request;
  const wanted = types?.wanted ?? [];
  return listPage(
    reader,
    {
      collection: from,
      under: [instance.account, instance.region, instance.instanceId],
      nameOf: ({ id }) => id,
      keep: (resource) => wanted.length === 0 || types === undefined || wanted.includes(types.typeOf(resource)),
    },
    {
      of: [operation, instanceKey(instance), wanted],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
}

const KIND_NAMES: Readonly<Record<ResourceKind, string>> = {
  agentStatus: "agent status",
  contact: "contact",
  contactEvaluation: "contact evaluation",
  contactFlow: "flow",
  contactFlowModule: "flow module",
  emailAddress: "e-mail address",
  evaluationForm: "evaluation form",
  hierarchyGroup: "hierarchy group",
  hierarchyLevel: "hierarchy level",
  hoursOfOperation: "hours of operation",
  integrationAssociation: "integration association",
  queue: "queue",
  quickConnect: "quick connect",
  routingProfile: "routing profile",
  rule: "rule",
  securityProfile: "security profile",
  useCase: "use case",
  user: "user",
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
