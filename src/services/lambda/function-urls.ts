/** URLs of functions: what is set of them. `call-url.ts` has what they do. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html */
import type {
  Cors,
  CreateFunctionUrlConfigRequest,
  CreateFunctionUrlConfigResponse,
  DeleteFunctionUrlConfigRequest,
  FunctionUrlConfig,
  GetFunctionUrlConfigRequest,
  GetFunctionUrlConfigResponse,
  ListFunctionUrlConfigsRequest,
  ListFunctionUrlConfigsResponse,
  UpdateFunctionUrlConfigRequest,
  UpdateFunctionUrlConfigResponse,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { conflict, invalid, notFound } from "./errors.ts";
import { type Named, parseOwnName } from "./find-function.ts";
import { aliases, aliasKey, type FunctionRef, functionArn, functionKey, functions, versionsOf } from "./function.ts";

export interface UrlConfig extends FunctionRef {
  /** An alias; empty for the function as such. */
  readonly alias: string;
  readonly urlId: string;
  readonly authType: "NONE" | "AWS_IAM";
  readonly mode: "BUFFERED" | "RESPONSE_STREAM";
  readonly cors?: Cors;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

const urlConfigs: Collection<UrlConfig> = collection<UrlConfig>("lambda_url_configs", {
  url: { type: "text", unique: true, value: ({ urlId }) => urlId },
});

function key({ account, region, name }: FunctionRef, alias = ""): string {
  return compositeKey(account, region, name, alias);
}

/** Whose URL it is, by its id. */
export async function findUrlConfig(reader: Reader, urlId: string): Promise<UrlConfig | undefined> {
  return (await reader.list(urlConfigs, { index: "url", equals: urlId, limit: 1 })).documents[0];
}

export async function createFunctionUrlConfig(
  input: Validated<CreateFunctionUrlConfigRequest>,
  context: Context,
): Promise<CreateFunctionUrlConfigResponse> {
  const named = parseUrlName(input, context, "CreateFunctionUrlConfig");
  const nowMs = context.clock.now();
  const config: UrlConfig = {
    ...{ account: named.account, region: named.region, name: named.name, alias: named.qualifier ?? "" },
    urlId: newUrlId(context),
    authType: input.AuthType,
    mode: input.InvokeMode ?? "BUFFERED",
    ...(input.Cors && { cors: input.Cors }),
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
  await context.store.commit(async (unit) => {
    const isThere = (await unit.get(functions, functionKey(named))) !== undefined;
    const hasAlias = !config.alias || (await unit.get(aliases, aliasKey(named, config.alias))) !== undefined;
    if (!isThere || !hasAlias) throw notFound("Function does not exist");
    if ((await unit.get(urlConfigs, key(named, config.alias))) !== undefined) {
      throw conflict(
        `Failed to create function url config for [functionArn = ${functionArn(named, named.qualifier)}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      );
    }
    unit.put(urlConfigs, key(named, config.alias), config);
  });
  const { LastModifiedTime: _modified, ...created } = described(context, config);
  return created;
}

export async function getFunctionUrlConfig(
  input: Validated<GetFunctionUrlConfigRequest>,
  context: Context,
): Promise<GetFunctionUrlConfigResponse> {
  const named = parseUrlName(input, context, "GetFunctionUrlConfig");
  return described(context, await getConfigOf(context.store, named));
}

/** Changes what is given. */
export async function updateFunctionUrlConfig(
  input: Validated<UpdateFunctionUrlConfigRequest>,
  context: Context,
): Promise<UpdateFunctionUrlConfigResponse> {
  const named = parseUrlName(input, context, "UpdateFunctionUrlConfig");
  const changed = await context.store.commit(async (unit) => {
    const config: UrlConfig = {
      ...(await getConfigOf(unit, named)),
      ...(input.AuthType && { authType: input.AuthType }),
      ...(input.InvokeMode && { mode: input.InvokeMode }),
      ...(input.Cors && { cors: input.Cors }),
      modifiedMs: context.clock.now(),
    };
    unit.put(urlConfigs, key(named, named.qualifier), config);
    return config;
  });
  return described(context, changed);
}

export async function deleteFunctionUrlConfig(
  input: Validated<DeleteFunctionUrlConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const named = parseUrlName(input, context, "DeleteFunctionUrlConfig");
  await context.store.commit(async (unit) => {
    await getConfigOf(unit, named);
    unit.delete(urlConfigs, key(named, named.qualifier));
  });
  return {};
}

const LISTED_MAX = 50;

export async function listFunctionUrlConfigs(
  input: Validated<ListFunctionUrlConfigsRequest>,
  context: Context,
): Promise<ListFunctionUrlConfigsResponse> {
  const { account, region, name } = parseUrlName(input, context, "ListFunctionUrlConfigs");
  if ((await context.store.get(functions, functionKey({ account, region, name }))) === undefined) {
    throw notFound("Function does not exist");
  }
  const { items, nextToken } = await listPage(
    context.store,
    { collection: urlConfigs, under: [account, region, name], nameOf: ({ alias }) => alias },
    {
      of: ["ListFunctionUrlConfigs", account, region, name],
      token: input.Marker,
      limit: Math.min(input.MaxItems ?? LISTED_MAX, LISTED_MAX),
      refuse: () => invalid("Invalid Marker."),
    },
  );
  return {
    ...(nextToken !== undefined && { NextMarker: nextToken }),
    FunctionUrlConfigs: items.map((config) => described(context, config)),
  };
}

const DELETED_AT_ONCE = 1000;

/** Its function goes. */
export async function deleteUrlConfigs(unit: Unit, ref: FunctionRef): Promise<void> {
  const all = await unit.list(urlConfigs, { prefix: versionsOf(ref), limit: DELETED_AT_ONCE });
  for (const { alias } of all.documents) unit.delete(urlConfigs, key(ref, alias));
}

/** Its alias goes. */
export function deleteAliasUrl(unit: Unit, ref: FunctionRef, alias: string): void {
  unit.delete(urlConfigs, key(ref, alias));
}

async function getConfigOf(reader: Reader, named: Named): Promise<UrlConfig> {
  const config = await reader.get(urlConfigs, key(named, named.qualifier));
  if (config === undefined) throw notFound("The resource you requested does not exist.");
  return config;
}

/** A function, or an alias of it: versions have no URLs. */
function parseUrlName(
  { FunctionName, Qualifier }: { readonly FunctionName: string; readonly Qualifier?: string | undefined },
  context: Context,
  operation: string,
): Named {
  const named = parseOwnName(FunctionName, context, operation, Qualifier);
  if (named.qualifier !== undefined && /^(\$LATEST|\d+)$/.test(named.qualifier)) {
    throw invalid("Function URLs are of a function or of an alias, not of a version.");
  }
  return named;
}

const ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** 32 of 32 letters: nobody guesses it. */
function newUrlId({ ids }: Pick<Context, "ids">): string {
  return [...ids.bytes(32)].map((byte) => ID_LETTERS[byte % ID_LETTERS.length]).join("");
}

function described({ endpoint }: Pick<Context, "endpoint">, config: UrlConfig): FunctionUrlConfig {
  return {
    FunctionUrl: urlOf(endpoint, config),
    FunctionArn: functionArn(config, config.alias || undefined),
    AuthType: config.authType,
    InvokeMode: config.mode,
    ...(config.cors && { Cors: config.cors }),
    CreationTime: new Date(config.createdMs).toISOString(),
    LastModifiedTime: new Date(config.modifiedMs).toISOString(),
  };
}

/**
 * On this machine a host of its own, as the real service gives out. Where others reach us by a name (`--public-url`) a path below it: a host would want
 * DNS and a certificate for `*.lambda-url.REGION.NAME`, which a wildcard for `*.NAME` is not. A host is taken all the same.
 */
function urlOf(endpoint: string, { urlId, region }: UrlConfig): string {
  const { port, protocol, hostname } = new URL(endpoint);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1?\]|0\.0\.0\.0)$/.test(hostname);
  return isHere
    ? `${protocol}//${urlId}.lambda-url.${region}.localhost${port && `:${port}`}/`
    : `${endpoint}/_aws/lambda-url/${urlId}/`;
}
