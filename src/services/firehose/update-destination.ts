import type { UpdateDestinationInput, UpdateDestinationOutput } from "@aws-sdk/client-firehose";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { closeBuffers } from "./collect.ts";
import { deliveryStreams, getStream, streamKey } from "./delivery-stream.ts";
import { sealedAccessKey } from "./delivery-streams.ts";
import { DESTINATION_ID } from "./describe-stream.ts";
import { type Destination, updatedExtendedS3, updatedHttp, updatedS3 } from "./destination.ts";
import { invalidArgument } from "./errors.ts";

/** Changes what is given of a destination. What was gathered until then goes as it was set up then. */
export async function updateDestination(
  input: Validated<UpdateDestinationInput>,
  context: Context,
): Promise<UpdateDestinationOutput> {
  const { account, region, clock } = context;
  const endpoint = input.HttpEndpointDestinationUpdate?.EndpointConfiguration ?? {};
  const accessKey = sealedAccessKey(endpoint, input.DeliveryStreamName, context);
  await context.store.commit(async (unit) => {
    const stream = await getStream(unit, { account, region, name: input.DeliveryStreamName });
    if (input.DestinationId !== DESTINATION_ID) {
      throw invalidArgument(`Destination Id ${input.DestinationId} not found`);
    }
    if (input.CurrentDeliveryStreamVersionId !== String(stream.version)) {
      throw new ModeledError(
        "ConcurrentModificationException",
        `Cannot update firehose: ${stream.name} since the current version id: ${stream.version} and specified version id: ${input.CurrentDeliveryStreamVersionId} do not match`,
      );
    }
    const destination = updated(stream.destination, input, accessKey);
    await closeBuffers(unit, context, stream);
    const version = stream.version + 1;
    unit.put(deliveryStreams, streamKey(stream), { ...stream, destination, version, updatedMs: clock.now() });
  });
  return {};
}

/** Destinations that are refused by name. */
const UNBUILT = [
  "RedshiftDestinationUpdate",
  "ElasticsearchDestinationUpdate",
  "AmazonopensearchserviceDestinationUpdate",
  "AmazonOpenSearchServerlessDestinationUpdate",
  "SplunkDestinationUpdate",
  "SnowflakeDestinationUpdate",
  "IcebergDestinationUpdate",
] as const satisfies readonly (keyof UpdateDestinationInput)[];

/** A destination keeps its kind. */
function updated(
  before: Destination,
  input: Validated<UpdateDestinationInput>,
  accessKey: string | undefined,
): Destination {
  for (const member of UNBUILT) {
    if (input[member]) throw invalidArgument(`${member} is not built here: use S3 or an HTTP endpoint.`);
  }
  const { S3DestinationUpdate: s3, ExtendedS3DestinationUpdate: extended } = input;
  const { HttpEndpointDestinationUpdate: http } = input;
  if ([s3, extended, http].filter((update) => update !== undefined).length !== 1) {
    throw invalidArgument("Exactly one destination update is supported for a Firehose");
  }
  if (http && before.kind === "http") return updatedHttp(before, http, accessKey);
  if (extended && before.kind === "s3") return updatedExtendedS3(before, extended);
  if (s3 && before.kind === "s3") return updatedS3(before, s3);
  throw invalidArgument("The type of a destination cannot be changed.");
}
