/** A function's configuration as requests give it: what is not allowed in it, and what it is where nothing is said. */
import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { assumeRoleAsService } from "../iam/index.ts";
import type { Context } from "../service.ts";
import { invalid } from "./errors.ts";
import { accessDenied } from "./find-function.ts";
import type { FunctionRef, FunctionVersion, Logging } from "./function.ts";
import { layerArn, layerVersionKey, layerVersions, parseLayerVersionArn } from "./layer.ts";
import { letsAccountUse } from "./layer-policy.ts";
import { ENVIRONMENT_BYTES_MAX, LAYERS_MAX } from "./limits.ts";
import { findPython } from "./runtime/environment.ts";

/** What CreateFunction and UpdateFunctionConfiguration both take. */
export type Given = Omit<Validated<UpdateFunctionConfigurationRequest>, "FunctionName" | "RevisionId">;

export type Settings = Pick<
  FunctionVersion,
  | "runtime"
  | "handler"
  | "role"
  | "description"
  | "timeoutSeconds"
  | "memoryMb"
  | "ephemeralMb"
  | "environment"
  | "tracing"
  | "logging"
  | "deadLetterArn"
  | "layers"
>;

const TIMEOUT_SECONDS_MAX = 900;
const MEMORY_MB_MAX = 10_240;
const EPHEMERAL_MB_MAX = 10_240;

const NODE_RUNTIMES = ["nodejs20.x", "nodejs22.x", "nodejs24.x"];
const PYTHON_RUNTIMES = ["python3.10", "python3.11", "python3.12", "python3.13", "python3.14"];
const CUSTOM_RUNTIMES = ["provided.al2", "provided.al2023"];

/** The settings of a new function. Throws `InvalidParameterValueException`. */
export function newSettings(input: Validated<CreateFunctionRequest>, ref: FunctionRef): Settings {
  const { Runtime, Handler } = input;
  if (Runtime === undefined || !Handler) {
    throw invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  }
  const before: Settings = {
    runtime: Runtime,
    handler: Handler,
    role: input.Role,
    description: "",
    timeoutSeconds: 3,
    memoryMb: 128,
    ephemeralMb: 512,
    tracing: "PassThrough",
    logging: { format: "Text", group: `/aws/lambda/${ref.name}` },
    layers: [],
  };
  return changedSettings(before, input);
}

/** What is given wins, whole member by whole member. Throws `InvalidParameterValueException`. */
export function changedSettings(before: Settings, given: Given): Settings {
  refuseUnbuilt(given);
  const {
    Runtime: runtime = before.runtime,
    Handler: handler = before.handler,
    Role: role = before.role,
    Description: description = before.description,
    Timeout: timeoutSeconds = before.timeoutSeconds,
    MemorySize: memoryMb = before.memoryMb,
  } = given;
  const { environment: _environment, deadLetterArn: _deadLetterArn, ...rest } = before;
  const environment = given.Environment ? given.Environment.Variables : before.environment;
  const deadLetterArn = given.DeadLetterConfig ? given.DeadLetterConfig.TargetArn || undefined : before.deadLetterArn;
  const ephemeralMb = given.EphemeralStorage?.Size ?? before.ephemeralMb;
  checkRuntime(runtime);
  checkMost("timeout", timeoutSeconds, TIMEOUT_SECONDS_MAX);
  checkMost("memorySize", memoryMb, MEMORY_MB_MAX);
  checkMost("ephemeralStorage.size", ephemeralMb, EPHEMERAL_MB_MAX);
  checkEnvironment(environment);
  if (deadLetterArn !== undefined && !/^arn:aws[a-zA-Z-]*:(sqs|sns):/.test(deadLetterArn)) {
    throw invalid("The provided dead letter target must be the ARN of an SQS queue or an SNS topic.");
  }
  return {
    ...rest,
    ...{ runtime, handler, role, description, timeoutSeconds, memoryMb, ephemeralMb },
    ...(environment && Object.keys(environment).length > 0 && { environment }),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    tracing: given.TracingConfig?.Mode ?? before.tracing,
    logging: given.LoggingConfig ? changedLogging(before.logging, given.LoggingConfig) : before.logging,
    layers: given.Layers ?? before.layers,
  };
}

function checkRuntime(runtime: string): void {
  if (NODE_RUNTIMES.includes(runtime) || CUSTOM_RUNTIMES.includes(runtime)) return;
  if (PYTHON_RUNTIMES.includes(runtime)) {
    if (findPython()) return;
    throw invalid(`The runtime ${runtime} needs python3 on the machine that Trunkline runs on.`);
  }
  const runnable = [...NODE_RUNTIMES, ...PYTHON_RUNTIMES, ...CUSTOM_RUNTIMES].join(", ");
  throw invalid(
    `The runtime parameter of ${runtime} is not supported by this version of Trunkline, which runs ${runnable}.`,
  );
}

function checkMost(name: string, value: number, most: number): void {
  if (value <= most) return;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value less than or equal to ${most}`,
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED_KEYS = [
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
];

function checkEnvironment(environment: Readonly<Record<string, string>> = {}): void {
  const reserved = RESERVED_KEYS.filter((key) => Object.hasOwn(environment, key));
  if (reserved.length > 0) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  if (Object.values(environment).some((value) => value.includes("\0"))) {
    throw invalid("Lambda was unable to configure your environment variables: a value has a null character.");
  }
  const text = JSON.stringify(environment);
  if (Buffer.byteLength(text) > ENVIRONMENT_BYTES_MAX) {
    throw invalid(
      "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.",
    );
  }
}

function changedLogging(before: Logging, given: NonNullable<Given["LoggingConfig"]>): Logging {
  const format = given.LogFormat ?? before.format;
  const group = given.LogGroup ?? before.group;
  if (format === "Text") {
    if (given.ApplicationLogLevel || given.SystemLogLevel) {
      throw invalid("To specify a log level, you must set the log format to JSON.");
    }
    return { format, group };
  }
  const wasJson = before.format === "JSON";
  return {
    format,
    group,
    applicationLevel: given.ApplicationLogLevel ?? (wasJson ? before.applicationLevel : undefined) ?? "INFO",
    systemLevel: given.SystemLogLevel ?? (wasJson ? before.systemLevel : undefined) ?? "INFO",
  };
}

/** What would change how a function runs, and is not built: better no function than one that is not what was asked for. */
function refuseUnbuilt(
  given: Given & Partial<Pick<CreateFunctionRequest, "PackageType" | "CodeSigningConfigArn">>,
): void {
  const unbuilt = {
    CapacityProviderConfig: given.CapacityProviderConfig,
    CodeSigningConfigArn: given.CodeSigningConfigArn,
    DurableConfig: given.DurableConfig,
    FileSystemConfigs: given.FileSystemConfigs?.length ? given.FileSystemConfigs : undefined,
    ImageConfig: given.ImageConfig,
    KMSKeyArn: given.KMSKeyArn || undefined,
    "PackageType Image": given.PackageType === "Image" ? given.PackageType : undefined,
    "SnapStart of published versions": given.SnapStart?.ApplyOn === "PublishedVersions" ? given.SnapStart : undefined,
    "VpcConfig with subnets": given.VpcConfig?.SubnetIds?.length ? given.VpcConfig : undefined,
  };
  const found = Object.entries(unbuilt).find(([, value]) => value !== undefined);
  if (!found) return;
  throw new ModeledError("NotImplementedException", `Lambda ${found[0]} is not built in this version of Trunkline.`);
}

async function checkLayers(context: Context, settings: Settings, ref: FunctionRef): Promise<void> {
  const byLayer = new Map<string, string>();
  for (const arn of settings.layers) {
    const layer = parseLayerVersionArn(arn);
    const found = layer?.region === ref.region && (await context.store.get(layerVersions, layerVersionKey(layer)));
    if (!layer || !found || found.isDeleted) throw invalid(`Layer version ${arn} does not exist.`);
    if (found.account !== ref.account && !(await letsAccountUse(context.store, layer, ref.account))) {
      throw accessDenied(context, "GetLayerVersion", arn);
    }
    const name = layerArn(layer);
    const other = byLayer.get(name);
    if (other !== undefined) {
      throw invalid(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      );
    }
    byLayer.set(name, arn);
  }
}

/** What only the store can tell. Throws `InvalidParameterValueException`, and for a role of another account `AccessDeniedException`. */
export async function checkReferences(context: Context, settings: Settings, ref: FunctionRef): Promise<void> {
  if (settings.layers.length > LAYERS_MAX) {
    throw invalid(`Cannot reference more than ${LAYERS_MAX} layers.`);
  }
  await checkLayers(context, settings, ref);
  if (settings.role.split(":")[4] !== ref.account) {
    throw new ModeledError("AccessDeniedException", "Cross-account pass role is not allowed.");
  }
  try {
    await assumeRoleAsService(context, {
      roleArn: settings.role,
      service: "lambda.amazonaws.com",
      sessionName: ref.name,
    });
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    throw invalid("The role defined for the function cannot be assumed by Lambda.");
  }
}
