import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import type { Platform } from "../service.ts";
import { type FunctionVersion, functionArn } from "./function.ts";
import { layerVersionKey, layerVersions, parseLayerVersionArn } from "./layer.ts";

/** A version as every operation tells of it. `qualifier`: what the ARN ends with, if anything. */
export async function configurationOf(
  { store }: Pick<Platform, "store">,
  version: FunctionVersion,
  qualifier?: string,
): Promise<FunctionConfiguration> {
  const { logging, environment, deadLetterArn } = version;
  return {
    FunctionName: version.name,
    FunctionArn: functionArn(version, qualifier),
    Runtime: version.runtime as NonNullable<FunctionConfiguration["Runtime"]>,
    Role: version.role,
    Handler: version.handler,
    CodeSize: version.codeBytes,
    Description: version.description,
    Timeout: version.timeoutSeconds,
    MemorySize: version.memoryMb,
    LastModified: new Date(version.modifiedMs).toISOString().replace("Z", "+0000"),
    CodeSha256: Buffer.from(version.code, "hex").toString("base64"),
    Version: version.version,
    ...(deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: deadLetterArn } }),
    ...(environment && { Environment: { Variables: { ...environment } } }),
    TracingConfig: { Mode: version.tracing as "Active" | "PassThrough" },
    RevisionId: version.revisionId,
    ...(version.layers.length > 0 && {
      Layers: await Promise.all(
        version.layers.map(async (arn) => {
          const ref = parseLayerVersionArn(arn);
          const layer = ref && (await store.get(layerVersions, layerVersionKey(ref)));
          return { Arn: arn, ...(layer && { CodeSize: layer.codeBytes }) };
        }),
      ),
    }),
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [version.architecture as "x86_64" | "arm64"],
    EphemeralStorage: { Size: version.ephemeralMb },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    RuntimeVersionConfig: {
      RuntimeVersionArn: runtimeArn(version),
    },
    LoggingConfig: {
      LogFormat: logging.format,
      ...(logging.applicationLevel !== undefined && { ApplicationLogLevel: logging.applicationLevel as "INFO" }),
      ...(logging.systemLevel !== undefined && { SystemLogLevel: logging.systemLevel as "INFO" }),
      LogGroup: logging.group,
    },
  };
}

/** The runtime that it has here. */
export function runtimeArn({ region, runtime }: FunctionVersion): string {
  return `arn:aws:lambda:${region}::runtime:${runtime.replaceAll(".", "-")}`;
}

/** A version that has just been created: it is ready before anybody asks again. */
export function asCreating(configuration: FunctionConfiguration): FunctionConfiguration {
  const { LastUpdateStatus: _status, ...rest } = configuration;
  return {
    ...rest,
    State: "Pending",
    StateReason: "The function is being created.",
    StateReasonCode: "Creating",
  };
}

/** A version that has just been changed. */
export function asUpdating(configuration: FunctionConfiguration): FunctionConfiguration {
  return {
    ...configuration,
    LastUpdateStatus: "InProgress",
    LastUpdateStatusReason: "The function is being updated.",
  };
}
