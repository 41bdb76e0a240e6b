import { compositeKey, type Reader } from "../../../store/store.ts";
import type { Caller } from "../../service.ts";
import { type Lane, lanePrefix, lanes } from "./lane.ts";
import { mappings } from "./mapping.ts";

/** An event source mapping that reads a stream, and how far each of its lanes has come. */
export interface StreamMapping {
  readonly uuid: string;
  readonly functionArn: string;
  readonly isEnabled: boolean;
  readonly lastResult?: string;
  readonly lanes: readonly Lane[];
}

const MAPPINGS_MAX = 100;
const LANES_MAX = 1_000;

/** The mappings of a stream or of its registered consumers. */
export async function listStreamMappings(
  reader: Reader,
  { account, region }: Pick<Caller, "account" | "region">,
  streamArn: string,
): Promise<readonly StreamMapping[]> {
  const found: StreamMapping[] = [];
  for (const prefix of [compositeKey(account, region, streamArn, ""), compositeKey(account, region, `${streamArn}/`)]) {
    const { documents } = await reader.list(mappings, { index: "pair", prefix, limit: MAPPINGS_MAX });
    for (const mapping of documents) {
      const page = await reader.list(lanes, { prefix: lanePrefix(mapping), limit: LANES_MAX });
      const { uuid, functionArn, isEnabled, lastResult } = mapping;
      found.push({
        ...{ uuid, functionArn, isEnabled },
        ...(lastResult !== undefined && { lastResult }),
        lanes: page.documents,
      });
    }
  }
  return found;
}
