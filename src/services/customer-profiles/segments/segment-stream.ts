import { type Collection, collection, type Reader } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";

/** Where it is told who joins the segments of a domain and who leaves them. */
export interface SegmentStream {
  /** Of its domain. */
  readonly uid: string;
  /** ARN of the stream of Kinesis. */
  readonly arn: string;
  readonly roleArn: string;
  readonly associatedMs: number;
  /** Nothing is told from then on. */
  readonly disassociatedMs?: number | undefined;
  /** Why the last record was not taken. Absent: it was. */
  readonly failure?: string | undefined;
}

/** One per domain. */
export const segmentStreams: Collection<SegmentStream> = collection("profiles_segment_streams");

export function segmentStreamKey({ uid }: Pick<SegmentStream, "uid">): string {
  return inDomain({ uid }, "");
}

export async function findSegmentStream(
  reader: Reader,
  domain: Pick<Domain, "uid">,
): Promise<SegmentStream | undefined> {
  return reader.get(segmentStreams, segmentStreamKey(domain));
}
