import { createRequire } from "node:module";
import type { Method, Model } from "@aws-sdk/client-api-gateway";
import type { ValidateFunction } from "ajv-draft-04";
import { PatternError, withinMs, withPattern } from "../../bounded-pattern.ts";
import type { DeployedRestApi } from "../deployed-api.ts";
import { type Call, contextMap, GatewayError, headerOf, queryOf } from "./call.ts";
import { mediaType } from "./media-types.ts";

/** How long the check of one body may take. */
const CHECK_MS_MAX = 500;

/**
 * Holds a call against its method's validator. Throws `GatewayError`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
 */
export function validateRequest(call: Call, deployed: DeployedRestApi, method: Method): void {
  const validator = deployed.requestValidators.find(({ id }) => id === method.requestValidatorId);
  if (!validator) return;
  if (validator.validateRequestParameters) checkParameters(call, method.requestParameters ?? {});
  if (validator.validateRequestBody) checkBody(call, deployed, method.requestModels ?? {});
}

function checkParameters(call: Call, parameters: Readonly<Record<string, boolean>>): void {
  const missing = Object.entries(parameters)
    .filter(([, isRequired]) => isRequired)
    .map(([name]) => /^method\.request\.(header|querystring|path)\.(.+)$/.exec(name) ?? [])
    .filter(([, place = "", name = ""]) => !parameterOf(call, place, name))
    .map(([, , name = ""]) => name);
  if (missing.length > 0) {
    throw new GatewayError("BAD_REQUEST_PARAMETERS", `Missing required request parameters: [${missing.join(", ")}]`);
  }
}

function parameterOf(call: Call, place: string, name: string): string | undefined {
  if (place === "header") return headerOf(call.headers, name);
  if (place === "querystring") return queryOf(call.query, name);
  return Object.hasOwn(call.pathParameters, name) ? call.pathParameters[name] : undefined;
}

function checkBody(call: Call, deployed: DeployedRestApi, requestModels: Readonly<Record<string, string>>): void {
  const type = mediaType(headerOf(call.headers, "content-type")) ?? "application/json";
  const key =
    Object.keys(requestModels).find((one) => one.toLowerCase() === type) ??
    (Object.hasOwn(requestModels, "$default") ? "$default" : undefined);
  const name = key === undefined ? undefined : requestModels[key];
  // A body of a type that no model is for is not looked at.
  if (name === undefined) return;
  const check = modelCheck(deployed, name);
  if (!check) {
    call.log.error(() => `Execution failed due to configuration error: the model ${name} cannot be used`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
  const errors = withErrors(call, check);
  if (errors === undefined) return;
  call.log.error(() => `Request body does not match model schema for content type ${type}: [${errors}]`);
  contextMap(call.context, "error").set("validationErrorString", `[${errors}]`);
  throw new GatewayError("BAD_REQUEST_BODY");
}

/** What is wrong with a body; `undefined`: nothing. */
function withErrors(call: Call, check: ValidateFunction): string | undefined {
  try {
    const body: unknown = JSON.parse(call.body.toString());
    // However small a body is: a model of some lines can ask for a million comparisons.
    if (withinMs(CHECK_MS_MAX, () => check(body))) return undefined;
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`.trim()).join(", ");
  } catch (error) {
    if (error instanceof SyntaxError) return "the body is not JSON";
    if (error instanceof PatternError || error instanceof RangeError) return error.message;
    throw error;
  }
}

const require = createRequire(import.meta.url);
const compiled = new WeakMap<DeployedRestApi, Map<string, ValidateFunction | undefined>>();

/** A model's check, compiled once for each deployment; `undefined` where the model is none that can be used. */
function modelCheck(deployed: DeployedRestApi, name: string): ValidateFunction | undefined {
  const checks = compiled.get(deployed) ?? new Map<string, ValidateFunction | undefined>();
  compiled.set(deployed, checks);
  if (!checks.has(name)) checks.set(name, compileModel(deployed, name));
  return checks.get(name);
}

/** Models name each other by their addresses in the API. */
function compileModel(deployed: DeployedRestApi, name: string): ValidateFunction | undefined {
  // Loaded with the first model that is asked: most servers never have one.
  const { default: Ajv } = require("ajv-draft-04") as typeof import("ajv-draft-04");
  const ajv = new Ajv({
    strict: false,
    validateFormats: false,
    // Whatever a model's patterns are, they take a bounded time.
    code: { regExp: Object.assign(boundedRegExp, { code: "boundedRegExp" }) },
    logger: false,
  });
  try {
    for (const model of deployed.models) {
      if (model.name !== undefined) ajv.addSchema(schemaOf(deployed, model), `model:${model.name}`);
    }
    return ajv.getSchema(`model:${name}`);
  } catch {
    // The caller says so in the gateway's words.
    return undefined;
  }
}

function schemaOf({ models }: DeployedRestApi, { schema }: Model): object {
  const names = new Set(models.map(({ name }) => name));
  const parsed = JSON.parse(schema?.trim() || "{}", (key, value) => {
    if (key === "id" && typeof value === "string") return undefined;
    const model = key === "$ref" && typeof value === "string" ? /\/models\/([\w-]+)((?:#.*)?)$/.exec(value) : undefined;
    return model && names.has(model[1] ?? "") ? `model:${model[1]}${model[2]}` : value;
  });
  return parsed as object;
}

function boundedRegExp(pattern: string, flags: string): { test(text: string): boolean; toString(): string } {
  // Compiled here once, so that a pattern that is none makes the model unusable.
  new RegExp(pattern, flags);
  return {
    test: (text) => withPattern(pattern, text, (expression) => expression.test(text)),
    // By this the patterns of a schema are told apart: without it all would be the first one.
    toString: () => `/${pattern}/${flags}`,
  };
}
