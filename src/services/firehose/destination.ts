/** Where a delivery stream's records go, as requests say it and as it is kept. */
import type {
  BufferingHints,
  CloudWatchLoggingOptions,
  CompressionFormat,
  EncryptionConfiguration,
  ExtendedS3DestinationConfiguration,
  ExtendedS3DestinationUpdate,
  HttpEndpointDestinationConfiguration,
  HttpEndpointDestinationUpdate,
  HttpEndpointRequestConfiguration,
  HttpEndpointS3BackupMode,
  ProcessingConfiguration,
  S3BackupMode,
  S3DestinationConfiguration,
  S3DestinationUpdate,
} from "@aws-sdk/client-firehose";
import type { Validated } from "../../models/validated.ts";
import { isTimeZone } from "./date-pattern.ts";
import { invalidArgument } from "./errors.ts";
import { checkPrefixes } from "./prefix.ts";
import { checkProcessing } from "./processing.ts";

/** What ends a buffer, whichever comes first. */
interface Hints {
  readonly SizeInMBs: number;
  readonly IntervalInSeconds: number;
}

/** A bucket and how objects in it are named and packed. */
export interface S3Settings {
  readonly RoleARN: string;
  readonly BucketARN: string;
  readonly Prefix?: string | undefined;
  readonly ErrorOutputPrefix?: string | undefined;
  readonly BufferingHints: Hints;
  readonly CompressionFormat: CompressionFormat;
  readonly EncryptionConfiguration: Validated<EncryptionConfiguration>;
  readonly CloudWatchLoggingOptions: Validated<CloudWatchLoggingOptions>;
}

export interface S3Destination {
  readonly kind: "s3";
  /** How it was made: described in one form or in both. */
  readonly extended: boolean;
  readonly s3: S3Settings;
  readonly fileExtension?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly processing?: Validated<ProcessingConfiguration> | undefined;
  readonly backupMode: S3BackupMode;
  readonly backup?: S3Settings | undefined;
}

export interface HttpDestination {
  readonly kind: "http";
  readonly url: string;
  readonly name?: string | undefined;
  /** Sealed for the stream: nobody is shown it again. */
  readonly accessKey?: string | undefined;
  readonly hints: Hints;
  readonly request: Validated<HttpEndpointRequestConfiguration> & { readonly ContentEncoding: "NONE" | "GZIP" };
  readonly roleArn?: string | undefined;
  readonly retrySeconds: number;
  readonly backupMode: HttpEndpointS3BackupMode;
  readonly logging: Validated<CloudWatchLoggingOptions>;
  readonly processing?: Validated<ProcessingConfiguration> | undefined;
  /** For records that could not be delivered, or for all. */
  readonly s3: S3Settings;
}

export type Destination = S3Destination | HttpDestination;

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html */
const HINTS_DEFAULT = { SizeInMBs: 5, IntervalInSeconds: 300 };
const RETRY_SECONDS_DEFAULT = 300;

export function s3Destination(config: Validated<S3DestinationConfiguration>): S3Destination {
  const s3 = s3Settings(config);
  return { kind: "s3", extended: false, s3, backupMode: "Disabled" };
}

export function extendedS3Destination(config: Validated<ExtendedS3DestinationConfiguration>): S3Destination {
  refuseConversion(config);
  const { S3BackupMode: backupMode = "Disabled", S3BackupConfiguration: backup } = config;
  return extendedS3({
    kind: "s3",
    extended: true,
    s3: s3Settings(config),
    fileExtension: config.FileExtension || undefined,
    timeZone: config.CustomTimeZone || undefined,
    processing: config.ProcessingConfiguration,
    backupMode,
    backup: backup && s3Settings(backup),
  });
}

function extendedS3(destination: S3Destination): S3Destination {
  if (destination.backupMode === "Enabled" && !destination.backup) {
    throw invalidArgument("S3BackupConfiguration must be specified when S3BackupMode is Enabled.");
  }
  if (destination.timeZone !== undefined && !isTimeZone(destination.timeZone)) {
    throw invalidArgument(`CustomTimeZone ${destination.timeZone} is not a valid time zone.`);
  }
  checkProcessing(destination.processing);
  return destination;
}

function refuseConversion({
  DataFormatConversionConfiguration: conversion,
  DynamicPartitioningConfiguration: partitioning,
}: Pick<
  Validated<ExtendedS3DestinationConfiguration>,
  "DataFormatConversionConfiguration" | "DynamicPartitioningConfiguration"
>): void {
  // A conversion is on unless it says otherwise; partitioning is off.
  if (conversion && conversion.Enabled !== false && Object.keys(conversion).length > 0) {
    throw invalidArgument("DataFormatConversionConfiguration is not built here.");
  }
  if (partitioning?.Enabled) throw invalidArgument("DynamicPartitioningConfiguration is not built here.");
}

/** `accessKey`: sealed. */
export function httpDestination(
  config: Validated<HttpEndpointDestinationConfiguration>,
  accessKey: string | undefined,
): HttpDestination {
  const { EndpointConfiguration: endpoint, RequestConfiguration: request } = config;
  return checkedHttp({
    kind: "http",
    url: endpoint.Url,
    name: endpoint.Name,
    accessKey,
    hints: hintsOf(config.BufferingHints),
    request: { ...request, ContentEncoding: request?.ContentEncoding ?? "NONE" },
    roleArn: config.RoleARN,
    retrySeconds: config.RetryOptions?.DurationInSeconds ?? RETRY_SECONDS_DEFAULT,
    backupMode: config.S3BackupMode ?? "FailedDataOnly",
    logging: loggingOf(config.CloudWatchLoggingOptions),
    processing: config.ProcessingConfiguration,
    s3: s3Settings(config.S3Configuration),
    ...refuseSecrets(config),
  });
}

function refuseSecrets({
  SecretsManagerConfiguration: secrets,
}: Pick<Validated<HttpEndpointDestinationConfiguration>, "SecretsManagerConfiguration">): object {
  if (secrets?.Enabled) throw invalidArgument("SecretsManagerConfiguration is not built here: use AccessKey.");
  return {};
}

function checkedHttp(destination: HttpDestination): HttpDestination {
  checkUrl(destination.url);
  const names = (destination.request.CommonAttributes ?? []).map(({ AttributeName }) => AttributeName);
  if (new Set(names).size < names.length) throw invalidArgument("CommonAttributes must have unique attribute names.");
  checkProcessing(destination.processing);
  return destination;
}

/** Plain HTTP is taken where nothing leaves this machine: the real service takes HTTPS alone. */
function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (!url || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback))) {
    throw invalidArgument("The HTTP endpoint URL must be a valid HTTPS URL.");
  }
  if (url.username || url.password) throw invalidArgument("The HTTP endpoint URL cannot contain credentials.");
}

/** What an update leaves out stays. */
export function updatedS3(before: S3Destination, update: Validated<S3DestinationUpdate>): S3Destination {
  return { ...before, s3: mergedS3(before.s3, update) };
}

export function updatedExtendedS3(
  before: S3Destination,
  update: Validated<ExtendedS3DestinationUpdate>,
): S3Destination {
  refuseConversion(update);
  const { S3BackupUpdate: backup } = update;
  return extendedS3({
    ...before,
    extended: true,
    s3: mergedS3(before.s3, update),
    fileExtension: update.FileExtension === undefined ? before.fileExtension : update.FileExtension || undefined,
    timeZone: update.CustomTimeZone === undefined ? before.timeZone : update.CustomTimeZone || undefined,
    processing: update.ProcessingConfiguration ?? before.processing,
    backupMode: update.S3BackupMode ?? before.backupMode,
    backup: backup ? mergedS3(before.backup, backup) : before.backup,
  });
}

export function updatedHttp(
  before: HttpDestination,
  update: Validated<HttpEndpointDestinationUpdate>,
  accessKey: string | undefined,
): HttpDestination {
  refuseSecrets(update);
  const { EndpointConfiguration: endpoint, RequestConfiguration: request } = update;
  return checkedHttp({
    ...before,
    // An endpoint is given whole: another URL does not get the key of the one before.
    ...(endpoint && {
      url: endpoint.Url,
      name: endpoint.Name,
      accessKey,
    }),
    hints: update.BufferingHints ? hintsOf(update.BufferingHints) : before.hints,
    request: request
      ? { ...before.request, ...request, ContentEncoding: request.ContentEncoding ?? before.request.ContentEncoding }
      : before.request,
    roleArn: update.RoleARN ?? before.roleArn,
    retrySeconds: update.RetryOptions?.DurationInSeconds ?? before.retrySeconds,
    backupMode: update.S3BackupMode ?? before.backupMode,
    logging: update.CloudWatchLoggingOptions ? loggingOf(update.CloudWatchLoggingOptions) : before.logging,
    processing: update.ProcessingConfiguration ?? before.processing,
    s3: update.S3Update ? mergedS3(before.s3, update.S3Update) : before.s3,
  });
}

function mergedS3(before: S3Settings | undefined, update: Validated<S3DestinationUpdate>): S3Settings {
  const { RoleARN = before?.RoleARN, BucketARN = before?.BucketARN } = update;
  if (RoleARN === undefined || BucketARN === undefined) {
    throw invalidArgument("RoleARN and BucketARN must be specified.");
  }
  const given = Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined));
  return s3Settings({ ...before, ...given, RoleARN, BucketARN });
}

function s3Settings(config: Validated<S3DestinationConfiguration>): S3Settings {
  const { CompressionFormat: compression = "UNCOMPRESSED", EncryptionConfiguration: encryption } = config;
  checkPrefixes(config.Prefix, config.ErrorOutputPrefix);
  if (compression === "HADOOP_SNAPPY") throw invalidArgument("CompressionFormat HADOOP_SNAPPY is not built here.");
  if (encryption?.NoEncryptionConfig && encryption.KMSEncryptionConfig) {
    throw invalidArgument("Only one of NoEncryptionConfig and KMSEncryptionConfig can be specified.");
  }
  return {
    RoleARN: config.RoleARN,
    BucketARN: config.BucketARN,
    Prefix: config.Prefix,
    ErrorOutputPrefix: config.ErrorOutputPrefix,
    BufferingHints: hintsOf(config.BufferingHints),
    CompressionFormat: compression,
    EncryptionConfiguration: encryption?.KMSEncryptionConfig ? encryption : { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: loggingOf(config.CloudWatchLoggingOptions),
  };
}

function hintsOf(hints: Validated<BufferingHints> | undefined): Hints {
  const { SizeInMBs, IntervalInSeconds } = hints ?? {};
  if ((SizeInMBs === undefined) !== (IntervalInSeconds === undefined)) {
    throw invalidArgument("Both SizeInMBs and IntervalInSeconds must be specified in BufferingHints.");
  }
  return SizeInMBs === undefined || IntervalInSeconds === undefined ? HINTS_DEFAULT : { SizeInMBs, IntervalInSeconds };
}

function loggingOf(
  options: Validated<CloudWatchLoggingOptions> | undefined,
): Validated<CloudWatchLoggingOptions> & { readonly Enabled: boolean } {
  const { Enabled = false, LogGroupName, LogStreamName } = options ?? {};
  if (Enabled && (!LogGroupName || !LogStreamName)) {
    throw invalidArgument("LogGroupName and LogStreamName must be specified when CloudWatch logging is enabled.");
  }
  return { ...options, Enabled };
}

export function bucketName({ BucketARN }: Pick<S3Settings, "BucketARN">): string {
  return BucketARN.slice(BucketARN.lastIndexOf(":") + 1);
}
