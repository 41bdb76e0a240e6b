/** Server-side encryption: what is told of it. Records lie in the data folder as everything does. */
import type {
  DeliveryStreamEncryptionConfigurationInput,
  StartDeliveryStreamEncryptionInput,
  StopDeliveryStreamEncryptionInput,
} from "@aws-sdk/client-firehose";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { type DeliveryStream, deliveryStreams, getStream, streamKey } from "./delivery-stream.ts";
import { invalidArgument } from "./errors.ts";

export async function startDeliveryStreamEncryption(
  input: Validated<StartDeliveryStreamEncryptionInput>,
  context: Context,
): Promise<Record<string, never>> {
  const given = input.DeliveryStreamEncryptionConfigurationInput ?? { KeyType: "AWS_OWNED_CMK" };
  return changeEncryption(input.DeliveryStreamName, context, ({ type }) => encryptionOf(type, given));
}

export async function stopDeliveryStreamEncryption(
  input: Validated<StopDeliveryStreamEncryptionInput>,
  context: Context,
): Promise<Record<string, never>> {
  return changeEncryption(input.DeliveryStreamName, context, () => undefined);
}

async function changeEncryption(
  name: string,
  { store, account, region }: Context,
  change: (stream: DeliveryStream) => DeliveryStream["encryption"],
): Promise<Record<string, never>> {
  await store.commit(async (unit) => {
    const stream = await getStream(unit, { account, region, name });
    if (stream.type !== "DirectPut") {
      throw invalidArgument("Server-side encryption is only supported for DirectPut delivery streams.");
    }
    const { encryption: _, ...rest } = stream;
    const encryption = change(stream);
    unit.put(deliveryStreams, streamKey(stream), { ...rest, ...(encryption && { encryption }) });
  });
  return {};
}

export function encryptionOf(
  type: DeliveryStream["type"],
  given: Validated<DeliveryStreamEncryptionConfigurationInput> | undefined,
): DeliveryStream["encryption"] {
  if (!given) return undefined;
  const { KeyType: keyType, KeyARN: keyArn } = given;
  if (type !== "DirectPut") {
    throw invalidArgument("Server-side encryption is only supported for DirectPut delivery streams.");
  }
  if ((keyType === "CUSTOMER_MANAGED_CMK") !== (keyArn !== undefined)) {
    throw invalidArgument("KeyARN must be specified if, and only if, KeyType is CUSTOMER_MANAGED_CMK.");
  }
  return { keyType, keyArn };
}
