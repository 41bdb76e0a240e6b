import type {
  GetProfileObjectTypeRequest,
  GetProfileObjectTypeResponse,
  ListProfileObjectTypesRequest,
  ListProfileObjectTypesResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { listPage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { invalidNextToken } from "../errors.ts";
import { getObjectType, objectTypes } from "./object-type.ts";
import { described, summary } from "./put-profile-object-type.ts";

const PAGE_SIZE = 100;

/** A template that was not used yet is no object type of the domain. */
export async function getProfileObjectType(
  input: Validated<GetProfileObjectTypeRequest>,
  context: Context,
): Promise<GetProfileObjectTypeResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  return described(await getObjectType(context.store, domain, input.ObjectTypeName));
}

export async function listProfileObjectTypes(
  input: Validated<ListProfileObjectTypesRequest>,
  context: Context,
): Promise<ListProfileObjectTypesResponse> {
  const { uid } = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    { collection: objectTypes, under: [uid], nameOf: ({ name }) => name },
    {
      of: ["ListProfileObjectTypes", uid],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { Items: page.items.map(summary), NextToken: page.nextToken };
}
