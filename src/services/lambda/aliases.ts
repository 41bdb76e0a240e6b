import type {
  AliasConfiguration,
  CreateAliasRequest,
  DeleteAliasRequest,
  GetAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { conflict, functionNotFound, invalid, preconditionFailed } from "./errors.ts";
import { getAliasOf, getFunctionOf, parseOwnName } from "./find-function.ts";
import {
  type Alias,
  aliases,
  aliasKey,
  type FunctionRef,
  functionArn,
  isVersion,
  LATEST,
  versionKey,
  versions,
} from "./function.ts";
import { deleteAliasUrl } from "./function-urls.ts";
import { policies, policyKey } from "./policy.ts";

type Routing = Validated<CreateAliasRequest>["RoutingConfig"];

export async function createAlias(input: Validated<CreateAliasRequest>, context: Context): Promise<AliasConfiguration> {
  const { qualifier: _qualifier, ...ref } = parseOwnName(input.FunctionName, context, "CreateAlias");
  const routing = routingOf(input.FunctionVersion, input.RoutingConfig);
  const alias: Alias = {
    ...ref,
    alias: input.Name,
    version: input.FunctionVersion,
    description: input.Description ?? "",
    ...(routing && { routing }),
    revisionId: context.ids.uuid(),
  };
  await context.store.commit(async (unit) => {
    await getFunctionOf(unit, ref);
    const key = aliasKey(ref, input.Name);
    if ((await unit.get(aliases, key)) !== undefined) {
      throw conflict(`Alias already exists: ${functionArn(ref, input.Name)}`);
    }
    await requireVersions(unit, alias);
    unit.put(aliases, key, alias);
  });
  return described(alias);
}

export async function getAlias(input: Validated<GetAliasRequest>, context: Context): Promise<AliasConfiguration> {
  const ref = parseOwnName(input.FunctionName, context, "GetAlias");
  await getFunctionOf(context.store, ref);
  return described(await getAliasOf(context.store, ref, input.Name));
}

export async function updateAlias(input: Validated<UpdateAliasRequest>, context: Context): Promise<AliasConfiguration> {
  const { qualifier: _qualifier, ...ref } = parseOwnName(input.FunctionName, context, "UpdateAlias");
  const revisionId = context.ids.uuid();
  const changed = await context.store.commit(async (unit) => {
    await getFunctionOf(unit, ref);
    const { routing: kept, ...before } = await getAliasOf(unit, ref, input.Name);
    if (input.RevisionId !== undefined && input.RevisionId !== before.revisionId) throw preconditionFailed();
    const version = input.FunctionVersion ?? before.version;
    const routing = input.RoutingConfig ? routingOf(version, input.RoutingConfig) : kept;
    const description = input.Description ?? before.description;
    const alias: Alias = { ...before, version, description, ...(routing && { routing }), revisionId };
    await requireVersions(unit, alias);
    unit.put(aliases, aliasKey(ref, input.Name), alias);
    return alias;
  });
  return described(changed);
}

/** Answers that it is gone whether or not it was there, as the real service does. */
export async function deleteAlias(
  input: Validated<DeleteAliasRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const ref = parseOwnName(input.FunctionName, context, "DeleteAlias");
  await context.store.commit(async (unit) => {
    await getFunctionOf(unit, ref);
    unit.delete(aliases, aliasKey(ref, input.Name));
    unit.delete(policies, policyKey(ref, input.Name));
    deleteAliasUrl(unit, ref, input.Name);
  });
  return {};
}

const LISTED_MAX = 50;

export async function listAliases(
  input: Validated<ListAliasesRequest>,
  context: Context,
): Promise<ListAliasesResponse> {
  const named = parseOwnName(input.FunctionName, context, "ListAliases");
  const { account, region, name } = await getFunctionOf(context.store, named);
  const { FunctionVersion: wanted } = input;
  const { items, nextToken } = await listPage(
    context.store,
    {
      collection: aliases,
      under: [account, region, name],
      nameOf: ({ alias }) => alias,
      keep: ({ version, routing }) => wanted === undefined || version === wanted || routing?.version === wanted,
    },
    {
      of: ["ListAliases", account, region, name, wanted],
      token: input.Marker,
      limit: Math.min(input.MaxItems ?? LISTED_MAX, LISTED_MAX),
      refuse: () => invalid("Invalid Marker."),
    },
  );
  return { ...(nextToken !== undefined && { NextMarker: nextToken }), Aliases: items.map(described) };
}

function routingOf(version: string, given: Routing): Alias["routing"] {
  const weights = Object.entries(given?.AdditionalVersionWeights ?? {});
  const [first, ...others] = weights;
  if (first === undefined) return undefined;
  if (others.length > 0) throw invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
  if (version === LATEST) throw invalid("$LATEST is not supported for an alias pointing to more than 1 version");
  const [additional, weight] = first;
  if (additional === version) {
    throw invalid(
      `Invalid function version ${additional}. Function version ${additional} is already included in routing configuration.`,
    );
  }
  return { version: additional, weight };
}

async function requireVersions(reader: Reader, { version, routing, ...ref }: Alias & FunctionRef): Promise<void> {
  for (const one of routing ? [version, routing.version] : [version]) {
    const found = isVersion(one) && (await reader.get(versions, versionKey(ref, one)));
    if (!found) throw functionNotFound(functionArn(ref, one));
  }
}

function described({ alias, version, description, routing, revisionId, ...ref }: Alias): AliasConfiguration {
  return {
    AliasArn: functionArn(ref, alias),
    Name: alias,
    FunctionVersion: version,
    Description: description,
    ...(routing && { RoutingConfig: { AdditionalVersionWeights: { [routing.version]: routing.weight } } }),
    RevisionId: revisionId,
  };
}
