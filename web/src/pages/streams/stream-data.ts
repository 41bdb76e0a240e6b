/** What the server tells of streams: `docs/console.md`. */

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly mode: string;
  readonly retentionHours: number;
  readonly maxRecordKiB: number;
  readonly encryptionKey?: string;
  readonly created: string;
  readonly openShards: number;
  readonly registeredConsumers: number;
  /** Ever, in the shards that are there. */
  readonly written: number;
  /** Kept now. */
  readonly records: number;
  readonly bytes: number;
}

export interface Shard {
  readonly id: string;
  readonly isOpen: boolean;
  readonly parents: readonly string[];
  readonly firstHash: string;
  readonly lastHash: string;
  readonly opened: string;
  readonly closed?: string;
  readonly written: number;
  readonly records: number;
  readonly bytes: number;
  readonly newest?: string;
}

/** How far a reader has come with a shard. */
export interface Place {
  readonly shardId: string;
  readonly sequenceNumber?: string;
  readonly behind: number;
  readonly behindMs: number;
}

export interface Consumer {
  readonly kind: "registered" | "function" | "delivery stream" | "GetRecords" | "service";
  readonly name: string;
  readonly arn?: string;
  readonly uuid?: string;
  readonly state?: string;
  readonly lastRead?: string;
  readonly shards: readonly Place[];
}

export interface WholeStream extends Stream {
  readonly time: string;
  readonly shards: readonly Shard[];
  readonly consumers: readonly Consumer[];
}

/** What the bytes of a record say. */
export interface Content {
  readonly bytes: number;
  readonly encoding: "json" | "text" | "base64";
  readonly text: string;
  readonly isCut: boolean;
  readonly compression?: "gzip";
  readonly aggregatedCount?: number;
  readonly aggregated?: readonly (Content & { readonly partitionKey: string })[];
}

export interface StreamRecord extends Content {
  readonly sequenceNumber: string;
  readonly partitionKey?: string;
  readonly arrived: string;
}
