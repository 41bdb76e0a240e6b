import type {
  CreateFunctionRequest,
  DeleteFunctionRequest,
  FunctionConfiguration,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
} from "@aws-sdk/client-lambda";
import type { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { releaseZip, withZip } from "./code-files.ts";
import { codeUrl } from "./code-url.ts";
import { reserve } from "./concurrency.ts";
import { asCreating, configurationOf } from "./described-function.ts";
import { conflict, functionNotFound, invalid } from "./errors.ts";
import { deleteInvokeConfigs } from "./event-invoke-configs.ts";
import { getFunctionOf, getVersionOf, parseOwnName } from "./find-function.ts";
import {
  aliases,
  aliasKey,
  type FunctionRef,
  type FunctionVersion,
  functionArn,
  functionKey,
  functions,
  isVersion,
  LATEST,
  nameAndVersion,
  versionKey,
  versions,
  versionsOf,
} from "./function.ts";
import { deleteUrlConfigs } from "./function-urls.ts";
import { givenZip } from "./given-code.ts";
import { runningFunctions } from "./invocations.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";
import { policies, policyKey } from "./policy.ts";
import { checkReferences, newSettings } from "./settings.ts";
import { checkTags } from "./tags.ts";

export async function createFunction(
  input: Validated<CreateFunctionRequest>,
  context: Context,
): Promise<FunctionConfiguration> {
  const named = parseOwnName(input.FunctionName, context, "CreateFunction");
  if (named.qualifier !== undefined) throw invalid("The function name must have no qualifier.");
  if (named.name.length > NAME_CHARACTERS_MAX) {
    throw invalid(
      `1 validation error detected: Value '${named.name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${NAME_CHARACTERS_MAX}`,
    );
  }
  const ref: FunctionRef = { account: named.account, region: named.region, name: named.name };
  const settings = newSettings(input, ref);
  const tags = { ...input.Tags };
  checkTags(tags);
  await checkReferences(context, settings, ref);
  if ((await context.store.get(functions, functionKey(ref))) !== undefined) throw alreadyExists(ref);

  const [functionId, revisionId, publishedId] = [context.ids.uuid(), context.ids.uuid(), context.ids.uuid()];
  const created = await withZip(context, givenZip(context, input.Code), async (zip) => {
    const latest: FunctionVersion = {
      ...ref,
      ...settings,
      ...zip,
      version: LATEST,
      functionId,
      architecture: input.Architectures?.[0] ?? "x86_64",
      modifiedMs: context.clock.now(),
      revisionId,
    };
    const published = { ...latest, version: "1", revisionId: publishedId };
    await context.store.commit(async (unit) => {
      if ((await unit.get(functions, functionKey(ref))) !== undefined) throw alreadyExists(ref);
      unit.put(functions, functionKey(ref), { ...ref, id: functionId, nextVersion: input.Publish ? 2 : 1, tags });
      unit.put(versions, versionKey(ref, LATEST), latest);
      if (input.Publish) unit.put(versions, versionKey(ref, "1"), published);
    });
    return input.Publish ? published : latest;
  });
  return asCreating(await configurationOf(context, created));
}

function alreadyExists({ name }: FunctionRef): ModeledError {
  return conflict(`Function already exist: ${name}`);
}

export async function getFunction(
  input: Validated<GetFunctionRequest>,
  context: Context,
): Promise<GetFunctionResponse> {
  const named = parseOwnName(input.FunctionName, context, "GetFunction", input.Qualifier);
  const found = await getFunctionOf(context.store, named);
  const version = await getVersionOf(context.store, named);
  return {
    Configuration: await configurationOf(context, version, named.qualifier),
    Code: { RepositoryType: "S3", Location: await codeUrl(context, version.code) },
    ...(Object.keys(found.tags).length > 0 && { Tags: { ...found.tags } }),
    ...(found.reservedConcurrency !== undefined && {
      Concurrency: { ReservedConcurrentExecutions: found.reservedConcurrency },
    }),
  };
}

export async function getFunctionConfiguration(
  input: Validated<GetFunctionConfigurationRequest>,
  context: Context,
): Promise<FunctionConfiguration> {
  const named = parseOwnName(input.FunctionName, context, "GetFunctionConfiguration", input.Qualifier);
  return configurationOf(context, await getVersionOf(context.store, named), named.qualifier);
}

/** A page of a function's versions: a bound for what one unit deletes. */
const DELETED_AT_ONCE = 500;

/** Deletes a function with all that it has, or one version of it. */
export async function deleteFunction(
  input: Validated<DeleteFunctionRequest>,
  context: Context,
): Promise<{ StatusCode: number }> {
  const named = parseOwnName(input.FunctionName, context, "DeleteFunction", input.Qualifier);
  const { qualifier } = named;
  if (qualifier === LATEST) throw invalid("$LATEST version cannot be deleted without deleting the function.");
  if (qualifier !== undefined && !isVersion(qualifier)) {
    throw invalid("Deletion of aliases is not currently supported.");
  }
  const deleted = await context.store.commit((unit) =>
    qualifier === undefined ? deleteWhole(unit, context, named) : deleteVersion(unit, named, qualifier),
  );
  for (const code of new Set(deleted.map((version) => version.code))) await releaseZip(context, code);
  const gone = new Set(deleted.map(({ version }) => version));
  const [any] = deleted;
  if (any) runningFunctions(context).sandboxes.retire(any.functionId, ({ version }) => !gone.has(version));
  return { StatusCode: 204 };
}

async function deleteWhole(unit: Unit, context: Context, ref: FunctionRef): Promise<readonly FunctionVersion[]> {
  const found = await unit.get(functions, functionKey(ref));
  if (found === undefined) throw functionNotFound(functionArn(ref));
  const prefix = versionsOf(ref);
  const all = await unit.list(versions, { prefix, limit: DELETED_AT_ONCE });
  if (all.next !== undefined) throw conflict("The function has too many versions: delete some of them first.");
  const named = await unit.list(aliases, { prefix, limit: DELETED_AT_ONCE });
  if (found.reservedConcurrency !== undefined) await reserve(unit, context, found, undefined);
  for (const { version } of all.documents) {
    unit.delete(versions, versionKey(ref, version));
    unit.delete(policies, policyKey(ref, version));
  }
  for (const { alias } of named.documents) {
    unit.delete(aliases, aliasKey(ref, alias));
    unit.delete(policies, policyKey(ref, alias));
  }
  await deleteInvokeConfigs(unit, ref);
  await deleteUrlConfigs(unit, ref);
  unit.delete(functions, functionKey(ref));
  return all.documents;
}

async function deleteVersion(unit: Unit, ref: FunctionRef, version: string): Promise<readonly FunctionVersion[]> {
  const found = await unit.get(versions, versionKey(ref, version));
  if (found === undefined) {
    // As the real service: who deletes what is not there has what it wants.
    if ((await unit.get(functions, functionKey(ref))) === undefined) throw functionNotFound(functionArn(ref, version));
    return [];
  }
  const named = await unit.list(aliases, { prefix: versionsOf(ref), limit: DELETED_AT_ONCE });
  const users = named.documents.filter((alias) => alias.version === version || alias.routing?.version === version);
  if (users.length > 0) {
    throw conflict(
      `Version is part of an alias: ${users.map(({ alias }) => alias).join(", ")}. The version cannot be deleted until it is removed from the alias.`,
    );
  }
  unit.delete(versions, versionKey(ref, version));
  unit.delete(policies, policyKey(ref, version));
  return [found];
}

const LISTED_MAX = 50;

export async function listFunctions(
  input: Validated<ListFunctionsRequest>,
  context: Context,
): Promise<ListFunctionsResponse> {
  const { account, region, store } = context;
  const request = {
    of: ["ListFunctions", account, region, input.FunctionVersion],
    token: input.Marker,
    limit: Math.min(input.MaxItems ?? LISTED_MAX, LISTED_MAX),
    refuse: () => invalid("Invalid Marker."),
  };
  const under = [account, region];
  if (input.FunctionVersion === "ALL") {
    const listing = { collection: versions, index: "listed", under, nameOf: nameAndVersion };
    const { items, nextToken } = await listPage(store, listing, request);
    return {
      ...(nextToken !== undefined && { NextMarker: nextToken }),
      Functions: await Promise.all(items.map((version) => configurationOf(context, version, version.version))),
    };
  }
  const listing = { collection: functions, under, nameOf: ({ name }: FunctionRef) => name };
  const { items, nextToken } = await listPage(store, listing, request);
  const latest = await Promise.all(items.map((ref) => store.get(versions, versionKey(ref, LATEST))));
  return {
    ...(nextToken !== undefined && { NextMarker: nextToken }),
    // One that has been deleted meanwhile is left out.
    Functions: await Promise.all(latest.flatMap((version) => (version ? [configurationOf(context, version)] : []))),
  };
}
