import type {
  CreateUseCaseRequest,
  CreateUseCaseResponse,
  DeleteUseCaseRequest,
  ListUseCasesRequest,
  ListUseCasesResponse,
  UseCaseType,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader, UniqueIndexError } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseResourceId, refOf, resourceArn } from "./arns.ts";
import { invalidNextToken, invalidRequest, notFound } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getIntegrationAssociation, integrationAssociations } from "./integration-associations.ts";

/** What an integration association is used for. Third-party Connect rules listen to one with `RULES_EVALUATION`. */
export interface UseCase extends InstanceRef {
  readonly id: string;
  readonly associationId: string;
  readonly type: UseCaseType;
  readonly tags: Readonly<Record<string, string>>;
}

export const useCases: Collection<UseCase> = collection("connect_use_cases", {
  /** "Each integration association can have only one of each use case type." */
  association: {
    type: "text",
    unique: true,
    value: (useCase) => instanceKey(useCase, useCase.associationId, useCase.type),
  },
});

/** Whether an integration association is used so. */
export async function hasUseCase(
  reader: Reader,
  instance: InstanceRef,
  associationId: string,
  type: UseCaseType,
): Promise<boolean> {
  const equals = instanceKey(instance, associationId, type);
  return (await reader.list(useCases, { index: "association", equals, limit: 1 })).documents.length > 0;
}

export async function createUseCase(
  input: Validated<CreateUseCaseRequest>,
  context: Context,
): Promise<CreateUseCaseResponse> {
  const id = context.ids.uuid();
  try {
    return await context.store.commit(async (unit) => {
      const instance = await getInstance(unit, context, input.InstanceId);
      const association = await getIntegrationAssociation(unit, instance, input.IntegrationAssociationId);
      const useCase: UseCase = {
        ...refOf(instance),
        id,
        associationId: association.id,
        type: input.UseCaseType,
        tags: input.Tags ?? {},
      };
      unit.put(useCases, resourceKey(useCase), useCase);
      // Whether the association may be deleted rests on its use cases.
      unit.put(integrationAssociations, resourceKey(association), association);
      return { UseCaseId: id, UseCaseArn: resourceArn("useCase", instance, id) };
    });
  } catch (error) {
    if (!(error instanceof UniqueIndexError)) throw error;
    throw new ModeledError("DuplicateResourceException", `The association has a use case ${input.UseCaseType} already`);
  }
}

export async function listUseCases(
  input: Validated<ListUseCasesRequest>,
  context: Context,
): Promise<ListUseCasesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const association = await getIntegrationAssociation(context.store, instance, input.IntegrationAssociationId);
  const page = await listPage(
    context.store,
    {
      collection: useCases,
      index: "association",
      under: [instance.account, instance.region, instance.instanceId, association.id],
      nameOf: ({ type }) => type,
    },
    {
      of: ["ListUseCases", instanceKey(instance, association.id)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      // The operation models no InvalidParameterException.
      refuse: () => invalidRequest(invalidNextToken().message),
    },
  );
  return {
    UseCaseSummaryList: page.items.map(({ id, type }) => ({
      UseCaseId: id,
      UseCaseArn: resourceArn("useCase", instance, id),
      UseCaseType: type,
    })),
    NextToken: page.nextToken,
  };
}

export async function deleteUseCase(
  input: Validated<DeleteUseCaseRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const association = await getIntegrationAssociation(unit, instance, input.IntegrationAssociationId);
    const id = parseResourceId("useCase", instance, input.UseCaseId);
    const useCase = id === undefined ? undefined : await unit.get(useCases, instanceKey(instance, id));
    if (useCase?.associationId !== association.id) {
      throw notFound(`Use case ${input.UseCaseId} does not exist in integration association ${association.id}`);
    }
    unit.delete(useCases, resourceKey(useCase));
  });
  return {};
}
