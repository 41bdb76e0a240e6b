/** Records of CloudWatch Logs' subscriptions: https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Entry } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Batch } from "./batch.ts";
import { tellError } from "./delivery-errors.ts";
import { DECOMPRESSED_BYTES_MAX } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import { appendDecompressed, appendUndecompressed, arrivedMs, bytesOf, readRange } from "./records.ts";

const FAILED = "Decompression.Failed";

/** Puts what is in records behind them in the stream's log, or a line that tells why it could not. */
export async function decompressBatch(
  platform: Platform,
  batch: Batch,
  { messagesOnly }: { readonly messagesOnly: boolean },
  signal: AbortSignal,
): Promise<Outcome> {
  const { stream } = batch;
  const found: { readonly entry: Entry; readonly data: Buffer | Error }[] = [];
  for await (const entry of readRange(platform, stream, batch, signal)) {
    found.push({ entry, data: await decompressed(bytesOf(entry), messagesOnly) });
  }
  const attemptEndingTimestamp = platform.clock.now();
  return {
    done: async (unit) => {
      for (const { entry, data } of found) {
        if (data instanceof Error) {
          const errorMessage = `The record could not be decompressed: ${data.message}`;
          const line = {
            attemptsMade: 1,
            arrivalTimestamp: arrivedMs(entry),
            errorCode: FAILED,
            errorMessage,
            attemptEndingTimestamp,
            rawData: bytesOf(entry).toString("base64"),
          };
          appendUndecompressed(unit, stream, JSON.stringify(line));
          await tellError(unit, platform, batch, `${FAILED}: ${errorMessage}`);
        } else if (data.length > 0) appendDecompressed(unit, stream, data, arrivedMs(entry));
      }
    },
  };
}

const unzip = promisify(gunzip);

async function decompressed(bytes: Buffer, messagesOnly: boolean): Promise<Buffer | Error> {
  try {
    const text = await unzip(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX });
    return messagesOnly ? Buffer.from(messagesOf(JSON.parse(text.toString()))) : text;
  } catch (error) {
    return error as Error;
  }
}

/** A line each. Messages that only try the destination have none. Throws `TypeError`. */
function messagesOf(sent: unknown): string {
  const { messageType, logEvents } = sent as { readonly messageType?: unknown; readonly logEvents?: unknown };
  if (messageType === "CONTROL_MESSAGE") return "";
  if (!Array.isArray(logEvents)) throw new TypeError("it is no message of CloudWatch Logs");
  return logEvents.map((event: { readonly message?: unknown } | null) => `${event?.message ?? ""}\n`).join("");
}
