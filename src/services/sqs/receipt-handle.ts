import { ModeledError } from "../../models/modeled-error.ts";
import { contentsOf, type Queue } from "./queue.ts";

/** Which receive of which message a receipt handle stands for. */
export interface Receipt {
  readonly contents: string;
  readonly sequence: number;
  /** The message's receive count then: a handle is the latest as long as the two agree. */
  readonly receiveCount: number;
}

export function encodeReceiptHandle(receipt: Receipt): string {
  return Buffer.from(`${receipt.contents} ${receipt.sequence} ${receipt.receiveCount}`).toString("base64");
}

/** Reads a handle that this queue gave out, before a purge or after it. */
export function decodeReceiptHandle(handle: string, queue: Queue): Receipt {
  const text = Buffer.from(handle, "base64").toString();
  const [, id, purges, sequence, receiveCount] = /^(\S+)\.(\d{1,15}) (\d{1,15}) (\d{1,15})$/.exec(text) ?? [];
  if (id !== queue.id || Number(purges) > queue.purges) {
    throw new ModeledError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
  }
  const contents = contentsOf({ id, purges: Number(purges) });
  return { contents, sequence: Number(sequence), receiveCount: Number(receiveCount) };
}
