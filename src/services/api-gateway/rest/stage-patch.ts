/** Patch operations on stages, which have words and rules of their own, recorded from the service. */
import type { MethodSetting, PatchOperation } from "@aws-sdk/client-api-gateway";
import { badRequest } from "../errors.ts";
import {
  checkOperationCount,
  entry,
  flag,
  type PatchSteps,
  type PatchTable,
  patched,
  removal,
  text,
} from "../patch.ts";
import type { StageDocument } from "./documents.ts";

type StageContent = StageDocument["stage"];

/** What a method has where one of its settings is set for the first time. */
const METHOD_SETTING_DEFAULTS: MethodSetting = {
  metricsEnabled: false,
  dataTraceEnabled: false,
  throttlingBurstLimit: 5_000,
  throttlingRateLimit: 10_000,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: "SUCCEED_WITH_RESPONSE_HEADER",
};

type Parse = (value: string) => MethodSetting;

const STRATEGIES = ["FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"] as const;

const methodSettings: Readonly<Record<string, Parse>> = {
  "metrics/enabled": (value) => ({ metricsEnabled: truth(value) }),
  "logging/dataTrace": (value) => ({ dataTraceEnabled: truth(value) }),
  "logging/loglevel": (value) => ({ loggingLevel: oneOf(value, ["OFF", "ERROR", "INFO"], "Logging level") }),
  "throttling/burstLimit": (value) => ({ throttlingBurstLimit: number(value, { integer: true }) }),
  "throttling/rateLimit": (value) => ({ throttlingRateLimit: number(value, { integer: false }) }),
  "caching/enabled": (value) => ({ cachingEnabled: truth(value) }),
  "caching/ttlInSeconds": (value) => ({ cacheTtlInSeconds: number(value, { integer: true }) }),
  "caching/dataEncrypted": (value) => ({ cacheDataEncrypted: truth(value) }),
  "caching/requireAuthorizationForCacheControl": (value) => ({ requireAuthorizationForCacheControl: truth(value) }),
  "caching/unauthorizedCacheControlHeaderStrategy": (value) => ({
    unauthorizedCacheControlHeaderStrategy: oneOf(value, STRATEGIES, "Unauthorized cache control header strategy"),
  }),
};

const CACHE_SIZES = ["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"] as const;

const stagePaths: PatchTable<StageContent> = {
  "/deploymentId": {
    replace: (draft, value) => {
      draft.deploymentId = value ?? "";
    },
  },
  "/description": { replace: text("description"), remove: removal("description") },
  "/cacheClusterEnabled": { replace: flag("cacheClusterEnabled") },
  "/cacheClusterSize": {
    replace: (draft, value) => {
      draft.cacheClusterSize = oneOf(value ?? "", CACHE_SIZES, "Cache cluster size");
    },
  },
  "/clientCertificateId": { replace: text("clientCertificateId"), remove: removal("clientCertificateId") },
  "/documentationVersion": { replace: text("documentationVersion"), remove: removal("documentationVersion") },
  "/tracingEnabled": { replace: flag("tracingEnabled") },
  "/variables/{name}": setOrRemove(entry("variables", "")),
  "/accessLogSettings/destinationArn": logSetting("destinationArn"),
  "/accessLogSettings/format": logSetting("format"),
  "/accessLogSettings": { remove: removal("accessLogSettings") },
  "/canarySettings": { remove: removal("canarySettings") },
  "/canarySettings/deploymentId": canary((value) => ({ deploymentId: value })),
  "/canarySettings/percentTraffic": canary((value) => ({ percentTraffic: percent(value) })),
  "/canarySettings/useStageCache": canary((value) => ({ useStageCache: truth(value) })),
  "/canarySettings/stageVariableOverrides/{name}": {
    add: setOverride,
    replace: setOverride,
    remove(draft, _, [name = ""]) {
      const { [name]: __, ...rest } = draft.canarySettings?.stageVariableOverrides ?? {};
      if (draft.canarySettings) draft.canarySettings = { ...draft.canarySettings, stageVariableOverrides: rest };
    },
  },
  ...Object.fromEntries(
    Object.entries(methodSettings).map(([setting, parse]) => [
      `/{resourcePath}/{httpMethod}/${setting}`,
      method(parse),
    ]),
  ),
};

/** As the service lists them. */
const LISTED_PATHS =
  "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]";

/** What a stage is after the operations. */
export function patchedStage(stage: StageContent, operations: readonly PatchOperation[] | undefined): StageContent {
  checkOperationCount(operations);
  let draft = stage;
  for (const operation of operations ?? []) draft = afterOne(draft, operation);
  return draft;
}

function afterOne(stage: StageContent, operation: PatchOperation): StageContent {
  const { op, path = "" } = operation;
  if (op === "copy") return promoted(stage, operation);
  const settings = /^\/(?!(?:canarySettings|accessLogSettings|variables)\/)([^/]*\/[^/]*)$/.exec(path);
  if (op === "remove") {
    if (settings) return withoutSettings(stage, path);
    if (/^\/(?:canarySettings|accessLogSettings)\/(?!stageVariableOverrides\/)/.test(path)) throw noSetting(path);
    if (path === "/canarySettings/stageVariableOverrides") throw noSetting(path);
  }
  const isLogPath = path === "/accessLogSettings/destinationArn" || path === "/accessLogSettings/format";
  if (path.startsWith("/accessLogSettings") && op !== "remove" && !isLogPath) {
    throw badRequest(
      "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]",
    );
  }
  if (path === "/canarySettings/deploymentId" && op === "add") {
    throw badRequest(`Invalid add operation with path: ${path}`);
  }
  const entryOfTable = Object.entries(stagePaths).find(([pattern, steps]) => fits(pattern, path) && steps[op as "add"]);
  if (entryOfTable === undefined) {
    throw badRequest(`Invalid method setting path: ${path}. Must be one of: ${LISTED_PATHS}`);
  }
  return patched(stage, [operation], stagePaths, "names-path");
}

function fits(pattern: string, path: string): boolean {
  const given = path.split("/");
  const parts = pattern.split("/");
  return parts.length === given.length && parts.every((part, index) => part.startsWith("{") || part === given[index]);
}

function noSetting(path: string): Error {
  return badRequest(
    `Cannot remove method setting ${path.slice(1)} because there is no method setting for this method `,
  );
}

/** The settings of one method go as a whole. */
function withoutSettings(stage: StageContent, path: string): StageContent {
  const key = settingsKey(...(path.slice(1).split("/") as [string, string]));
  const { [key]: found, ...methodSettings } = stage.methodSettings ?? {};
  if (found === undefined) throw noSetting(path);
  return { ...stage, methodSettings };
}

/** `/pets` and `GET` have the key `pets/GET`. */
function settingsKey(resourcePath: string, httpMethod: string): string {
  const path = resourcePath.replaceAll("~1", "/").replaceAll("~0", "~");
  return `${path.startsWith("/") ? path.slice(1) : path}/${httpMethod}`;
}

function method(parse: Parse): PatchSteps<StageContent> {
  const set = (draft: StageContent, value: string | undefined, [path = "", verb = ""]: readonly string[]): void => {
    const key = settingsKey(path, verb);
    const before = draft.methodSettings?.[key] ?? METHOD_SETTING_DEFAULTS;
    draft.methodSettings = { ...draft.methodSettings, [key]: { ...before, ...parse(value ?? "") } };
  };
  return { add: set, replace: set };
}

function logSetting(member: "destinationArn" | "format"): PatchSteps<StageContent> {
  const set = (draft: StageContent, value: string | undefined): void => {
    if (!value) throw badRequest("Access Log value must not be empty");
    if (member === "destinationArn" && !/^arn:aws[a-z-]*:(?:logs|firehose):/.test(value)) {
      throw badRequest("Access Log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '*'");
    }
    draft.accessLogSettings = { ...draft.accessLogSettings, [member]: value };
  };
  return { add: set, replace: set };
}

/** A canary begins with its first setting: with the stage's own deployment, and no traffic. */
function canary(parse: (value: string) => NonNullable<StageContent["canarySettings"]>): PatchSteps<StageContent> {
  const set = (draft: StageContent, value: string | undefined): void => {
    const before = draft.canarySettings ?? {
      deploymentId: draft.deploymentId,
      percentTraffic: 0,
      useStageCache: false,
    };
    draft.canarySettings = { ...before, ...parse(value ?? "") };
  };
  return { add: set, replace: set };
}

function setOverride(draft: StageContent, value: string | undefined, [name = ""]: readonly string[]): void {
  const { stageVariableOverrides = {} } = draft.canarySettings ?? {};
  canary(() => ({ stageVariableOverrides: { ...stageVariableOverrides, [name]: value ?? "" } })).replace?.(
    draft,
    "",
    [],
  );
}

/** Entries that are set whether they are there or not, and that can go twice. */
function setOrRemove(steps: PatchSteps<StageContent>): PatchSteps<StageContent> {
  return {
    ...(steps.add && { add: steps.add, replace: steps.add }),
    remove(draft, _, [name = ""]) {
      const { [name]: __, ...rest } = draft.variables ?? {};
      if (Object.keys(rest).length === 0) delete draft.variables;
      else draft.variables = rest;
    },
  };
}

/** Promotes a canary: https://docs.aws.amazon.com/apigateway/latest/developerguide/promote-canary-deployment.html */
function promoted(stage: StageContent, { path, from }: PatchOperation): StageContent {
  const isKnown =
    (path === "/deploymentId" && from === "/canarySettings/deploymentId") ||
    (path === "/variables" && from === "/canarySettings/stageVariableOverrides");
  if (!isKnown) {
    throw badRequest(
      `Invalid copy operation with path: ${path ?? null} and from ${from ?? null}. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]`,
    );
  }
  const { canarySettings } = stage;
  if (canarySettings === undefined) throw badRequest("Promotion not available. Canary does not exist.");
  if (path === "/deploymentId") return { ...stage, deploymentId: canarySettings.deploymentId ?? stage.deploymentId };
  return { ...stage, variables: { ...stage.variables, ...canarySettings.stageVariableOverrides } };
}

function truth(value: string): boolean {
  return value.toLowerCase() === "true";
}

function number(value: string, { integer }: { integer: boolean }): number {
  const parsed = value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(parsed) && parsed >= -1 && (!integer || Number.isInteger(parsed))) return parsed;
  throw badRequest(`Invalid value for method setting: ${value}`);
}

function percent(value: string): number {
  const parsed = value.trim() === "" ? Number.NaN : Number(value);
  if (parsed >= 0 && parsed <= 100) return parsed;
  throw badRequest("Canary percentTraffic must be between 0 and 100");
}

function oneOf<T extends string>(value: string, options: readonly T[], what: string): T {
  const found = options.find((option) => option === value);
  if (found === undefined) throw badRequest(`${what} must be one of: [${options.join(", ")}]`);
  return found;
}
