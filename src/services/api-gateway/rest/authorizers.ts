import type {
  Authorizer,
  Authorizers,
  CreateAuthorizerRequest,
  DeleteAuthorizerRequest,
  GetAuthorizerRequest,
  GetAuthorizersRequest,
  UpdateAuthorizerRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, limitExceeded, notBuilt } from "../errors.ts";
import { newId, PART_ID_LENGTH } from "../new-id.ts";
import { positionPage } from "../paging.ts";
import { element, type PatchTable, patched, text } from "../patch.ts";
import { AUTHORIZERS_MAX } from "../quotas.ts";
import { type AuthorizerContent, authorizers, type Owned, type PartDocument, partKey, resources } from "./documents.ts";
import { getApi, getPart, listParts, putPart, touchApi } from "./rest-api.ts";

const MISSING = "Invalid Authorizer identifier specified";
const TTL_SECONDS_DEFAULT = 300;
const TTL_SECONDS_MAX = 3_600;

export async function createAuthorizer(
  input: Validated<CreateAuthorizerRequest>,
  context: Context,
): Promise<Authorizer> {
  const { restApiId, ...members } = input;
  const authorizer = completed({ ...members, id: newId(context.ids, PART_ID_LENGTH) });
  return context.store.commit(async (unit) => {
    const api = await getApi(unit, context, restApiId);
    checkAuthorizer(authorizer);
    const all = await listParts(unit, authorizers, restApiId);
    if (all.some(({ name }) => name === authorizer.name)) {
      throw badRequest(`Authorizer name must be unique. Authorizer ${authorizer.name} already exists in this RestApi.`);
    }
    const max = context.limits.value("apigateway.authorizers-per-api", AUTHORIZERS_MAX);
    if (context.limits.enforced && all.length >= max) {
      throw limitExceeded(`Maximum number of Authorizers for this API has been reached: ${max}`);
    }
    putPart(unit, authorizers, restApiId, authorizer.id, authorizer);
    touchApi(unit, api);
    return authorizer;
  });
}

/** An authorizer with what the service adds of itself. */
export function completed(authorizer: AuthorizerContent): AuthorizerContent {
  const isCognito = authorizer.type === "COGNITO_USER_POOLS";
  return {
    authType: isCognito ? "cognito_user_pools" : "custom",
    ...(!isCognito && { authorizerResultTtlInSeconds: TTL_SECONDS_DEFAULT }),
    ...authorizer,
  };
}

/** What the model does not say of an authorizer. */
export function checkAuthorizer(authorizer: AuthorizerContent): void {
  const { name, type, identitySource, authorizerUri, providerARNs = [] } = authorizer;
  const ttl = authorizer.authorizerResultTtlInSeconds ?? 0;
  // The SDK's type is older than the model.
  if ((type as string) === "JWT")
    throw notBuilt("Authorizers of type JWT, which calls of REST APIs do not know here, are");
  if (name === "") throw badRequest("Authorizer name cannot be empty");
  if (type === "COGNITO_USER_POOLS") {
    if (providerARNs.length === 0) throw badRequest("Invalid provider ARNs specified: at least one is required");
    const wrong = providerARNs.find((arn) => !/^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool\/\S+$/.test(arn));
    if (wrong !== undefined) throw badRequest(`Invalid Cognito User Pool ARN: ${wrong}`);
  } else if (
    !/^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/\S+\/invocations$/.test(
      authorizerUri ?? "",
    )
  ) {
    throw badRequest(
      `Invalid Authorizer URI: ${authorizerUri ?? null}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
    );
  }
  if (!(ttl >= 0 && ttl <= TTL_SECONDS_MAX)) {
    throw badRequest(`Authorizer result TTL must be between 0 and ${TTL_SECONDS_MAX}`);
  }
  if (type === "TOKEN" && !/^method\.request\.header\.[\w.$%!#&'*+^`|~-]+$/.test(identitySource ?? "")) {
    throw badRequest("Invalid identity source specified: an authorizer of type TOKEN takes one header");
  }
  if (type === "REQUEST") {
    if (ttl > 0 && !identitySource) {
      throw badRequest("Identity source is required for authorizer of type REQUEST with caching enabled");
    }
    const sources = (identitySource ?? "").split(",").map((source) => source.trim());
    const valid = /^(?:method\.request\.(?:header|querystring)|stageVariables|context)\.\S+$/;
    if (identitySource && !sources.every((source) => valid.test(source))) {
      throw badRequest(`Invalid identity source specified: ${identitySource}`);
    }
  }
}

function getAuthorizerOf(reader: Reader, owner: Owned, apiId: string, id: string): Promise<AuthorizerContent> {
  return getPart(reader, owner, authorizers, { apiId, id, missing: MISSING });
}

export async function getAuthorizer(input: Validated<GetAuthorizerRequest>, context: Context): Promise<Authorizer> {
  return getAuthorizerOf(context.store, context, input.restApiId, input.authorizerId);
}

export async function getAuthorizers(input: Validated<GetAuthorizersRequest>, context: Context): Promise<Authorizers> {
  await getApi(context.store, context, input.restApiId);
  const listing = {
    collection: authorizers,
    under: [input.restApiId],
    nameOf: ({ part }: PartDocument<AuthorizerContent>) => part.id,
  };
  const { items, position } = await positionPage(context, listing, input, ["GetAuthorizers", input.restApiId]);
  return { items: items.map(({ part }) => part), position };
}

const authorizerPaths: PatchTable<AuthorizerContent> = {
  "/name": {
    replace: (draft, value) => {
      draft.name = value ?? "";
    },
  },
  "/type": {
    replace(draft, value) {
      if (value !== "TOKEN" && value !== "REQUEST" && value !== "COGNITO_USER_POOLS") {
        throw badRequest("Invalid authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS");
      }
      draft.type = value;
    },
  },
  "/authType": { replace: text("authType") },
  "/authorizerUri": { replace: text("authorizerUri") },
  "/authorizerCredentials": { replace: text("authorizerCredentials") },
  "/identitySource": { replace: text("identitySource") },
  "/identityValidationExpression": { replace: text("identityValidationExpression") },
  "/authorizerResultTtlInSeconds": {
    replace: (draft, value) => {
      draft.authorizerResultTtlInSeconds = Number(value);
    },
  },
  "/providerARNs": element("providerARNs"),
  "/providerARNs/{name}": element("providerARNs"),
};

export async function updateAuthorizer(
  input: Validated<UpdateAuthorizerRequest>,
  context: Context,
): Promise<Authorizer> {
  return context.store.commit(async (unit) => {
    const authorizer = await getAuthorizerOf(unit, context, input.restApiId, input.authorizerId);
    const draft = patched(authorizer, input.patchOperations, authorizerPaths, "lists-paths");
    checkAuthorizer(draft);
    putPart(unit, authorizers, input.restApiId, draft.id, draft);
    touchApi(unit, await getApi(unit, context, input.restApiId));
    return draft;
  });
}

/** Deletes an authorizer that no method uses. */
export async function deleteAuthorizer(input: Validated<DeleteAuthorizerRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const { id } = await getAuthorizerOf(unit, context, input.restApiId, input.authorizerId);
    const all = await listParts(unit, resources, input.restApiId);
    const user = all
      .flatMap(({ path, resourceMethods = {} }) =>
        Object.entries(resourceMethods).map(([verb, method]) => ({ path, verb, method })),
      )
      .find(({ method }) => method.authorizerId === id);
    if (user) {
      throw conflict(`Cannot delete authorizer '${id}', is referenced in method: ${user.path}/${user.verb}`);
    }
    unit.delete(authorizers, partKey(input.restApiId, id));
    touchApi(unit, await getApi(unit, context, input.restApiId));
  });
}
