import type { JsonObject } from "../../matching/machine.ts";
import type { Platform } from "../service.ts";
import type { ConnectorProfile } from "./connector-profile.ts";
import type { ConnectorType, SourceProperties } from "./flow-plan.ts";

/** Reads records from a kind of source, a page at a time. It keeps nothing between two pages but what it puts into the cursor. */
export interface Connector {
  readonly type: ConnectorType;
  /** Reads from where the cursor stands; the same cursor may come again after a failure or a restart. Throws `SourceError`. */
  read(platform: Platform, request: SourceRequest): Promise<SourcePage>;
  /** Where a cursor stands, for people. */
  progress?(cursor: unknown): string | undefined;
}

export interface SourceRequest {
  readonly account: string;
  readonly region: string;
  readonly properties: SourceProperties;
  /** Absent: the connector needs none. */
  readonly profile?: ConnectorProfile | undefined;
  /** The fields that are wanted. Absent: all that there are. */
  readonly fields?: readonly string[] | undefined;
  /** Only what has changed from `fromMs` on, and before `toMs`. `field`: what tells when that was; S3 goes by the time of its objects. */
  readonly window?: SourceWindow | undefined;
  /** S3: these objects, and no others. */
  readonly keys?: readonly string[] | undefined;
  /** Plain JSON. Absent: at the beginning. */
  readonly cursor?: unknown;
  /** Ends the reading: nobody waits for it any more. */
  readonly signal: AbortSignal;
}

export interface SourceWindow {
  readonly field?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs: number;
}

/** At most some 2,000 records, and some 1 MiB where the source can be told. */
export interface SourcePage {
  readonly records: readonly SourceRecord[];
  /** Where the next page begins. Absent: there is none. */
  readonly next?: {
    readonly cursor: unknown;
    /** The source has to be asked later: it is still preparing what it will give (a bulk job). */
    readonly waitMs?: number | undefined;
  };
}

/** A record, or what stood there instead of one. */
export type SourceRecord = (
  | { readonly fields: JsonObject /** Of the record as the source wrote it. */; readonly bytes?: number }
  | { readonly unreadable: string /** As it stood there. */; readonly text: string }
) & {
  /**
   * The cursor behind this record, where the same page may hold others when it is read again: a run that was interrupted goes on there. All records of a
   * page have one, or none has: then those that are done are counted.
   */
  readonly after?: unknown;
};

/** Why a source gave nothing. Its message is for whoever reads a run's: it holds no secret. */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
  /** `AUTH`: refused even with a fresh token. `DATA`: what was given cannot be read. `LIMIT`: too many requests. `REQUEST`: it does not know what it is asked for. */
  readonly code: "AUTH" | "DATA" | "LIMIT" | "REQUEST" | "UNAVAILABLE";
  /** When another attempt makes sense, as the source said. */
  readonly retryAfterMs: number | undefined;

  constructor(code: SourceError["code"], message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether another attempt may go better by itself. */
  get isPassing(): boolean {
    return this.code === "LIMIT" || this.code === "UNAVAILABLE";
  }
}
