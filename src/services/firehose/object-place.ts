/** Names of objects: https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html */
import type { CompressionFormat } from "@aws-sdk/client-firehose";
import type { Gathered, OpenBuffer, S3Work } from "./batch.ts";
import { compileDatePattern } from "./date-pattern.ts";
import type { DeliveryStream } from "./delivery-stream.ts";
import { bucketName, type S3Settings } from "./destination.ts";
import { type ErrorOutputType, evaluateErrorPrefix, evaluatePrefix, type PrefixScene } from "./prefix.ts";

const EXTENSIONS: Readonly<Record<CompressionFormat, string>> = {
  UNCOMPRESSED: "",
  GZIP: ".gz",
  ZIP: ".zip",
  Snappy: ".snappy",
  HADOOP_SNAPPY: ".hsnappy",
};

const NAME_TIME = compileDatePattern("yyyy-MM-dd-HH-mm-ss");

/** Where records go as they are. `id` makes the name unique, and is the same whenever it is asked for. */
export function placeOfRecords(
  stream: DeliveryStream,
  buffer: OpenBuffer,
  id: string,
  delimiter: string | undefined,
): S3Work {
  const { destination } = stream;
  const isBackup = buffer.kind === "backup";
  const s3 = (isBackup && destination.kind === "s3" && destination.backup) || destination.s3;
  const prefix = evaluatePrefix(s3.Prefix ?? "", sceneOf(stream, buffer, id));
  const extension = destination.kind === "s3" && !isBackup ? destination.fileExtension : undefined;
  return { ...objectOf(stream, s3, prefix, { buffer, id, extension }), ...(delimiter !== undefined && { delimiter }) };
}

/** Where records go that did not get to their destination. */
export function placeOfErrors(stream: DeliveryStream, type: ErrorOutputType, buffer: Gathered, id: string): S3Work {
  const { s3 } = stream.destination;
  const prefixes = { prefix: s3.Prefix ?? "", errorPrefix: s3.ErrorOutputPrefix ?? "" };
  const prefix = evaluateErrorPrefix(prefixes, type, sceneOf(stream, buffer, id));
  return objectOf(stream, s3, prefix, { buffer, id, extension: undefined });
}

function sceneOf(stream: DeliveryStream, { arrivedMs: timeMs }: Gathered, seed: string): PrefixScene {
  return { timeMs, zone: zoneOf(stream), seed };
}

function zoneOf({ destination }: DeliveryStream): string {
  return (destination.kind === "s3" && destination.timeZone) || "UTC";
}

function objectOf(
  stream: DeliveryStream,
  s3: S3Settings,
  prefix: string,
  { buffer, id, extension }: { buffer: Gathered; id: string; extension: string | undefined },
): S3Work {
  const { CompressionFormat: compression } = s3;
  const time = NAME_TIME(buffer.arrivedMs, zoneOf(stream));
  const name = `${stream.name}-${stream.version}-${time}-${id}${extension ?? EXTENSIONS[compression]}`;
  return { bucket: bucketName(s3), key: prefix + name, compression };
}
