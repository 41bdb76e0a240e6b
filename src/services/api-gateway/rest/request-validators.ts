import type {
  CreateRequestValidatorRequest,
  DeleteRequestValidatorRequest,
  GetRequestValidatorRequest,
  GetRequestValidatorsRequest,
  RequestValidator,
  RequestValidators,
  UpdateRequestValidatorRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { positionPage } from "../paging.ts";
import { flag, type PatchTable, patched } from "../patch.ts";
import {
  type Owned,
  type PartDocument,
  partKey,
  type RequestValidatorContent,
  requestValidators,
  resources,
} from "./documents.ts";
import { findApi, getApi, getPart, listParts, putPart, touchApi } from "./rest-api.ts";

export async function createRequestValidator(
  input: Validated<CreateRequestValidatorRequest>,
  context: Context,
): Promise<RequestValidator> {
  const { restApiId, name, validateRequestBody = false, validateRequestParameters = false } = input;
  const id = newId(context.ids, PART_ID_LENGTH);
  return context.store.commit(async (unit) => {
    const api = await findApi(unit, context, restApiId);
    // Other operations answer 404 here.
    if (api === undefined) throw badRequest("Invalid REST API identifier specified");
    const validator = { id, ...(name !== undefined && { name }), validateRequestBody, validateRequestParameters };
    putPart(unit, requestValidators, restApiId, id, validator);
    touchApi(unit, api);
    return validator;
  });
}

function getValidatorOf(reader: Reader, owner: Owned, apiId: string, id: string): Promise<RequestValidatorContent> {
  return getPart(reader, owner, requestValidators, {
    apiId,
    id,
    missing: "Invalid Request Validator identifier specified",
  });
}

export async function getRequestValidator(
  input: Validated<GetRequestValidatorRequest>,
  context: Context,
): Promise<RequestValidator> {
  return getValidatorOf(context.store, context, input.restApiId, input.requestValidatorId);
}

export async function getRequestValidators(
  input: Validated<GetRequestValidatorsRequest>,
  context: Context,
): Promise<RequestValidators> {
  await getApi(context.store, context, input.restApiId);
  const listing = {
    collection: requestValidators,
    under: [input.restApiId],
    nameOf: ({ part }: PartDocument<RequestValidatorContent>) => part.id,
  };
  const { items, position } = await positionPage(context, listing, input, ["GetRequestValidators", input.restApiId]);
  return { items: items.map(({ part }) => part), position };
}

const validatorPaths: PatchTable<RequestValidatorContent> = {
  "/name": {
    replace(draft, value) {
      if (!value) throw badRequest("Request Validator name cannot be blank");
      draft.name = value;
    },
  },
  "/validateRequestParameters": { replace: flag("validateRequestParameters") },
  "/validateRequestBody": { replace: flag("validateRequestBody") },
};

export async function updateRequestValidator(
  input: Validated<UpdateRequestValidatorRequest>,
  context: Context,
): Promise<RequestValidator> {
  return context.store.commit(async (unit) => {
    const validator = await getValidatorOf(unit, context, input.restApiId, input.requestValidatorId);
    const draft = patched(validator, input.patchOperations, validatorPaths, "lists-paths");
    putPart(unit, requestValidators, input.restApiId, draft.id, draft);
    touchApi(unit, await getApi(unit, context, input.restApiId));
    return draft;
  });
}

export async function deleteRequestValidator(
  input: Validated<DeleteRequestValidatorRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const { id } = await getValidatorOf(unit, context, input.restApiId, input.requestValidatorId);
    const all = await listParts(unit, resources, input.restApiId);
    const methods = all.flatMap((one) => Object.values(one.resourceMethods ?? {}));
    if (methods.some(({ requestValidatorId }) => requestValidatorId === id)) {
      throw conflict("Cannot delete request validator, is referenced in a method");
    }
    unit.delete(requestValidators, partKey(input.restApiId, id));
    touchApi(unit, await getApi(unit, context, input.restApiId));
  });
}
