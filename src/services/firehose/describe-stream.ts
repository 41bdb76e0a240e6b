import type {
  DeliveryStreamDescription,
  DestinationDescription,
  ExtendedS3DestinationDescription,
  HttpEndpointDestinationDescription,
  S3DestinationDescription,
} from "@aws-sdk/client-firehose";
import { type DeliveryStream, deliveryStreamArn } from "./delivery-stream.ts";
import type { HttpDestination, S3Destination, S3Settings } from "./destination.ts";

/** A stream has one destination, and this is its id. */
export const DESTINATION_ID = "destinationId-000000000001";

export function describeStream(stream: DeliveryStream): DeliveryStreamDescription {
  const { encryption } = stream;
  return {
    DeliveryStreamName: stream.name,
    DeliveryStreamARN: deliveryStreamArn(stream),
    DeliveryStreamStatus: "ACTIVE",
    DeliveryStreamEncryptionConfiguration: encryption
      ? { Status: "ENABLED", KeyType: encryption.keyType, KeyARN: encryption.keyArn }
      : { Status: "DISABLED" },
    DeliveryStreamType: stream.type,
    VersionId: String(stream.version),
    CreateTimestamp: new Date(stream.createdMs),
    ...(stream.updatedMs !== undefined && { LastUpdateTimestamp: new Date(stream.updatedMs) }),
    Source: sourceOf(stream),
    Destinations: [{ DestinationId: DESTINATION_ID, ...destinationOf(stream) }],
    HasMoreDestinations: false,
  };
}

function sourceOf({ source, throughputHintMiB, createdMs }: DeliveryStream): DeliveryStreamDescription["Source"] {
  if (source) {
    return {
      KinesisStreamSourceDescription: {
        KinesisStreamARN: source.streamArn,
        RoleARN: source.roleArn,
        DeliveryStartTimestamp: new Date(createdMs),
      },
    };
  }
  if (throughputHintMiB === undefined) return undefined;
  return { DirectPutSourceDescription: { ThroughputHintInMBs: throughputHintMiB } };
}

function destinationOf({ destination }: DeliveryStream): Omit<DestinationDescription, "DestinationId"> {
  if (destination.kind === "http") return { HttpEndpointDestinationDescription: httpOf(destination) };
  return {
    S3DestinationDescription: s3Of(destination.s3),
    ExtendedS3DestinationDescription: extendedOf(destination),
  };
}

function s3Of(s3: S3Settings): S3DestinationDescription {
  return { ...s3 };
}

function extendedOf(destination: S3Destination): ExtendedS3DestinationDescription {
  return {
    ...destination.s3,
    ProcessingConfiguration: destination.processing,
    S3BackupMode: destination.backupMode,
    S3BackupDescription: destination.backup && s3Of(destination.backup),
    FileExtension: destination.fileExtension,
    CustomTimeZone: destination.timeZone,
  };
}

/** Without the access key. */
function httpOf(destination: HttpDestination): HttpEndpointDestinationDescription {
  return {
    EndpointConfiguration: { Url: destination.url, Name: destination.name },
    BufferingHints: destination.hints,
    CloudWatchLoggingOptions: destination.logging,
    RequestConfiguration: destination.request,
    ProcessingConfiguration: destination.processing,
    RoleARN: destination.roleArn,
    RetryOptions: { DurationInSeconds: destination.retrySeconds },
    S3BackupMode: destination.backupMode,
    S3DestinationDescription: s3Of(destination.s3),
  };
}
