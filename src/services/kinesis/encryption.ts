import type { StartStreamEncryptionInput, StopStreamEncryptionInput } from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import {
  type EncryptedPeriod,
  encryptionKeyAt,
  horizonMs,
  type Stream,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { findStream } from "./find-stream.ts";

/**
 * Marks what is written from now on as encrypted with a key, as callers see it in answers. There is no KMS here: records lie in the
 * data folder as they came, and every key id is taken.
 */
export async function startStreamEncryption(
  input: Validated<StartStreamEncryptionInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertKms(input.EncryptionType);
  const nowMs = context.clock.now();
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "StartStreamEncryption");
    const encrypted = [...ended(stream, nowMs), { keyId: input.KeyId, fromMs: nowMs }];
    unit.put(streams, streamDocumentId(stream), { ...stream, encrypted });
  });
  return {};
}

export async function stopStreamEncryption(
  input: Validated<StopStreamEncryptionInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertKms(input.EncryptionType);
  const nowMs = context.clock.now();
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "StopStreamEncryption");
    const keyId = encryptionKeyAt(stream, nowMs);
    if (keyId !== undefined && keyId !== input.KeyId) {
      throw new ModeledError(
        "InvalidArgumentException",
        `Stream ${stream.name} under account ${stream.account} is not encrypted with key ${input.KeyId}.`,
      );
    }
    unit.put(streams, streamDocumentId(stream), { ...stream, encrypted: ended(stream, nowMs) });
  });
  return {};
}

function assertKms(type: string): void {
  if (type === "KMS") return;
  throw new ModeledError("InvalidArgumentException", `EncryptionType ${type} is invalid. The only valid value is KMS.`);
}

/** The periods with the current one closed, without those whose records are out of retention. */
function ended(stream: Stream, nowMs: number): EncryptedPeriod[] {
  const horizon = horizonMs(stream, nowMs);
  return stream.encrypted
    .map(({ keyId, fromMs, untilMs = nowMs }) => ({ keyId, fromMs, untilMs }))
    .filter(({ fromMs, untilMs }) => untilMs > fromMs && untilMs > horizon);
}
