import type { Logger } from "pino";
import type { Flow } from "../flow/index.ts";
import type { Caller } from "../models/caller.ts";
import type { Reader, Store } from "../store/store.ts";
import type { Clock, WallClock } from "../time/clock.ts";
import type { Ids } from "../time/ids.ts";
import type { ConnectorProfile } from "./appflow/connector-profile.ts";
import type { AwsDelivery } from "./aws-delivery.ts";
import type { FileSteps } from "./file-steps.ts";
import type { MapPart, MapScope } from "./map-part.ts";
import type { MailServer } from "./rules/mail-server.ts";
import type { OutsideS3 } from "./s3/outside-s3.ts";

/** What every service is given. Built once, in `app.ts`. */
export interface Platform {
  readonly store: Store;
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly ids: Ids;
  readonly flow: Flow;
  readonly limits: Limits;
  readonly log: Logger;
  readonly folder: Folder;
  /** The address clients use, without a trailing slash: `http://127.0.0.1:4510`. For URLs in answers (SQS queue URLs). */
  readonly endpoint: string;
  /** Where this process itself sends requests to its own front door. */
  readonly ownUrl: string;
  /** A PEM file of what clients on this machine must trust to call `endpoint`, beside what everybody trusts; absent without TLS. */
  readonly trustFile?: string | undefined;
  /** Absent: everything is told in order and at once. */
  readonly awsDelivery?: AwsDelivery | undefined;
  /** Where files that services write go. Absent: to our own buckets. */
  readonly outsideS3?: OutsideS3 | undefined;
  /** Takes the mails that rules send. Absent: they go into a mailbox of our own. */
  readonly mailServer?: MailServer | undefined;
  /**
   * Calls any operation through the front door, as somebody: validated and authorized like a request that came signed. What calls others on a
   * user's behalf does it so.
   */
  readonly callOperation: CallOperation;
  /** Where flows read from. */
  readonly connectorProfiles?: readonly ConnectorProfile[] | undefined;
}

/** An operation of an API, by the names of its model, with its input as one JSON document. */
export interface DocumentCall {
  readonly model: string;
  readonly operation: string;
  readonly input: unknown;
}

/** `document`: the output, or `{"code": …, "message": …}` where `status` is not 200. */
export type CallOperation = (
  call: DocumentCall,
  caller: Caller,
) => Promise<{ readonly status: number; readonly document: unknown }>;

/** Where files lie that are too big for the store: the data folder. */
export interface Folder {
  /** Whether its files outlive the process. In memory they do not: then it is a temporary folder, removed at the stop. */
  readonly isKept: boolean;
  /** Its path. A temporary folder is made at the first call. */
  path(): string;
  /** Whatever moves or removes a file that a document may name goes by these: it waits while the folder is copied. */
  readonly steps: FileSteps;
}

/** Counts per account and rates hold only with `--enforce-limits`; shapes and structural limits always do and are no business of this. */
export interface Limits {
  readonly enforced: boolean;
  /** The configured value of a limit, or `fallback` (the documented default). Its name is declared in a service's `limits`. */
  value(name: string, fallback: number): number;
}

/** One limit that `--limit NAME=VALUE` changes. `docs/limits.md` lists them all. */
export interface Limit {
  /** Begins with the service: `events.rules-per-bus`. */
  readonly name: string;
  readonly default: number;
  /** What it counts, and for whom. */
  readonly meaning: string;
  /** Where the default is documented. */
  readonly source: string;
  /** Holds without `--enforce-limits` too. */
  readonly always?: true;
}

export type { Caller };

export interface Context extends Platform, Caller {}

/**
 * A handler: validated input to output. It throws `ModeledError` for what the caller did wrong. Its answer leaves the
 * process only after everything committed by then is durable, so a handler that only reads needs no care for that.
 */
// biome-ignore lint/suspicious/noExplicitAny: the table holds handlers of many types; each is typed where it is written.
export type Handler = (input: any, context: Context) => Promise<unknown>;

/**
 * The policy of the resource that an ARN names, as JSON text; `undefined` where it has none. `account` is the caller's: what is another's
 * and does not say so in its ARN has none here, since its service asks it.
 */
export type FindPolicy = (reader: Reader, arn: string, account: string) => Promise<string | undefined>;

/** The tags of the resource that an ARN names; `undefined` where there is none, or none that can have tags. */
export type FindTags = (reader: Reader, arn: string) => Promise<Readonly<Record<string, string>> | undefined>;

/** A service's door for the front door: the operations it has built, by the model that names them. */
export interface Service {
  /** Model name → operation name → handler. One service may serve operations of several models. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, Handler>>>>;
  /**
   * The policies that resources have, by the service in their ARNs. Asked before each request of somebody who has policies, of what is
   * committed and kept in memory.
   */
  readonly policies?: Readonly<Record<string, FindPolicy>>;
  /** The tags that resources have, in the same way: policies ask for them as `aws:ResourceTag/KEY`. */
  readonly tags?: Readonly<Record<string, FindTags>>;
  /** What of its configuration the map shows, in any order; whoever has seen enough stops. Read from what is kept in memory. */
  readonly map?: (reader: Reader, scope: MapScope) => AsyncIterable<MapPart>;
  /** What can be set by name: quotas and rates. Others are refused at the start. */
  readonly limits?: readonly Limit[];
  /** Starts what runs beside requests (consumers, sinks, timers' handlers). Called once, before the first request is taken. */
  readonly start?: (platform: Platform) => Promise<void>;
  /** Ends what `start` began and `Flow` does not end, and waits for that. Called once, before the store closes. */
  readonly stop?: (platform: Platform) => void | Promise<void>;
}
