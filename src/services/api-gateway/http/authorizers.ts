import type {
  Authorizer,
  CreateAuthorizerRequest,
  DeleteAuthorizerRequest,
  GetAuthorizerRequest,
  GetAuthorizersRequest,
  GetAuthorizersResponse,
  UpdateAuthorizerRequest,
} from "@aws-sdk/client-apigatewayv2";
import type { Validated } from "../../../models/validated.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, notFound, tooManyRequests } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { AUTHORIZERS_MAX } from "../quotas.ts";
import { partKey } from "../rest/documents.ts";
import { type HttpAuthorizerContent, type HttpPartDocument, httpAuthorizers, routes } from "./documents.ts";
import { changeHttpApi, getHttpApi, getHttpPart, given, listHttpParts, putHttpPart, tokenPage } from "./http-api.ts";

const WHAT = "Authorizer";

export async function createAuthorizer(
  input: Validated<CreateAuthorizerRequest>,
  context: Context,
): Promise<Authorizer> {
  const { ApiId, ...members } = input;
  const authorizer: HttpAuthorizerContent = { ...members, AuthorizerId: newId(context.ids, PART_ID_LENGTH) };
  checkHttpAuthorizer(authorizer);
  return changeHttpApi(context, ApiId, async (unit) => {
    const all = await listHttpParts(unit, httpAuthorizers, ApiId);
    const max = context.limits.value("apigateway.authorizers-per-api", AUTHORIZERS_MAX);
    if (context.limits.enforced && all.length >= max) {
      throw tooManyRequests(`Maximum number of Authorizers for this API has been reached: ${max}`);
    }
    checkNameFree(all, authorizer);
    putHttpPart(unit, httpAuthorizers, ApiId, authorizer.AuthorizerId, authorizer);
    return { answer: authorizer };
  });
}

function checkNameFree(all: readonly HttpAuthorizerContent[], { Name, AuthorizerId }: HttpAuthorizerContent): void {
  if (all.some((one) => one.Name === Name && one.AuthorizerId !== AuthorizerId)) {
    throw conflict(`Authorizer with name ${Name} already exists for this API`);
  }
}

/** What the model does not say of an authorizer. */
export function checkHttpAuthorizer(authorizer: HttpAuthorizerContent): void {
  const { AuthorizerType, IdentitySource = [], JwtConfiguration, AuthorizerUri } = authorizer;
  const version = authorizer.AuthorizerPayloadFormatVersion;
  for (const source of IdentitySource) {
    if (!/^\$(?:request\.(?:header|querystring)|context|stageVariables)\.\S+$/.test(source)) {
      throw badRequest(`Invalid identity source specified: ${source}`);
    }
  }
  if (AuthorizerType === "JWT") {
    if (IdentitySource.length !== 1) throw badRequest("An authorizer of type JWT takes one identity source");
    if (!JwtConfiguration?.Issuer) throw badRequest("Issuer is required for an authorizer of type JWT");
    if (!/^https?:\/\/\S+$/.test(JwtConfiguration.Issuer)) {
      throw badRequest(
        `Invalid issuer: ${JwtConfiguration.Issuer}. Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'`,
      );
    }
    if (!JwtConfiguration.Audience?.length) throw badRequest("Audience is required for an authorizer of type JWT");
    return;
  }
  if (
    !/^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/\S+\/invocations$/.test(
      AuthorizerUri ?? "",
    )
  ) {
    throw badRequest(
      `Invalid Authorizer URI: ${AuthorizerUri ?? null}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
    );
  }
  if (version === undefined)
    throw badRequest("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer");
  if (version !== "1.0" && version !== "2.0") {
    throw badRequest("Invalid AuthorizerPayloadFormatVersion specified. Valid options are 1.0,2.0");
  }
  if (authorizer.EnableSimpleResponses && version !== "2.0") {
    throw badRequest("EnableSimpleResponses is supported with the payload format version 2.0 only");
  }
  if ((authorizer.AuthorizerResultTtlInSeconds ?? 0) > 0 && IdentitySource.length === 0) {
    throw badRequest("IdentitySource is required where results are cached");
  }
}

export async function getAuthorizer(input: Validated<GetAuthorizerRequest>, context: Context): Promise<Authorizer> {
  const { ApiId: apiId, AuthorizerId: id } = input;
  return getHttpPart(context.store, context, httpAuthorizers, { apiId, id, what: WHAT });
}

export async function getAuthorizers(
  input: Validated<GetAuthorizersRequest>,
  context: Context,
): Promise<GetAuthorizersResponse> {
  await getHttpApi(context.store, context, input.ApiId);
  const nameOf = ({ part }: HttpPartDocument<HttpAuthorizerContent>): string => part.AuthorizerId;
  const listing = { collection: httpAuthorizers, under: [input.ApiId], nameOf };
  const { items, nextToken } = await tokenPage(context, listing, input, ["GetAuthorizers", input.ApiId]);
  return { Items: items.map(({ part }) => part), NextToken: nextToken };
}

export async function updateAuthorizer(
  input: Validated<UpdateAuthorizerRequest>,
  context: Context,
): Promise<Authorizer> {
  const { ApiId, AuthorizerId, ...members } = input;
  return changeHttpApi(context, ApiId, async (unit) => {
    const before = await unit.get(httpAuthorizers, partKey(ApiId, AuthorizerId));
    if (before === undefined) throw notFound(`Invalid ${WHAT} identifier specified`);
    const authorizer = { ...before.part, ...given(members) };
    checkHttpAuthorizer(authorizer);
    checkNameFree(await listHttpParts(unit, httpAuthorizers, ApiId), authorizer);
    putHttpPart(unit, httpAuthorizers, ApiId, AuthorizerId, authorizer);
    return { answer: authorizer };
  });
}

/** Deletes an authorizer that no route uses. */
export async function deleteAuthorizer(input: Validated<DeleteAuthorizerRequest>, context: Context): Promise<void> {
  const { ApiId, AuthorizerId } = input;
  await changeHttpApi(context, ApiId, async (unit) => {
    if ((await unit.get(httpAuthorizers, partKey(ApiId, AuthorizerId))) === undefined) {
      throw notFound(`Invalid ${WHAT} identifier specified`);
    }
    const user = (await listHttpParts(unit, routes, ApiId)).find((one) => one.AuthorizerId === AuthorizerId);
    if (user) {
      throw badRequest(`Cannot delete Authorizer '${AuthorizerId}', it is referenced by Route ${user.RouteKey}`);
    }
    unit.delete(httpAuthorizers, partKey(ApiId, AuthorizerId));
    return { answer: undefined };
  });
}
