/**
 * Files that are written to a bucket once a contact has ended or an evaluation is submitted. The change that a file follows from owes it, in
 * its unit; a delivery writes it, again and again for a day where the bucket is not there or a crash comes between. Written twice it is the
 * same object.
 */
import type { InstanceStorageResourceType } from "@aws-sdk/client-connect";
import type { SinkFailure } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader, Unit } from "../../store/store.ts";
import { OutsideS3Error, storeFile } from "../s3/index.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, instanceArn } from "./arns.ts";
import { findStorageConfig } from "./instance-storage-configs.ts";

/** By the names of their sinks. */
export type FileKind = "chat-transcript" | "contact-analysis" | "evaluation";

interface FilePlace {
  readonly bucket: string;
  readonly key: string;
}

interface OwedFile<Order> extends FilePlace {
  /** Of the delivery. */
  readonly id: string;
  /** What the file is made of, as plain JSON. */
  readonly order: Order;
}

/** What an order comes to. */
export interface MadeFile {
  readonly text: string;
  /** What is committed with the file. */
  alongside(unit: Unit): Promise<void>;
}

/** Nobody but us may order files: a rule's target can have any ARN. */
const PRINCIPAL = "connect.amazonaws.com";

interface Body<Order> extends FilePlace {
  readonly instance: InstanceRef;
  readonly order: Order;
  readonly owedMs: number;
}

/** A file whose failure is told is tried for so long (our choice): who waits for it is to know soon. */
const TOLD_AFTER_MS = 5 * 60_000;

/**
 * Says how files of a kind are made. `make` runs outside of any unit; `location` is `bucket/key`. `undefined`: there is nothing to write.
 * `failed` tells of a file that could not be written.
 */
export function writeFilesBy<Order>(
  platform: Platform,
  kind: FileKind,
  make: (instance: InstanceRef, order: Order, location: string) => Promise<MadeFile | undefined>,
  failed?: (unit: Unit, order: Order, failure: SinkFailure) => Promise<void>,
): void {
  platform.flow.sink("connect", `file/${kind}/`, {
    async attempt(_arn, { principal, body }) {
      if (principal !== PRINCIPAL) return { code: "NO_PERMISSIONS", message: "No target of rules.", retryable: false };
      const { bucket, key, instance, order, owedMs } = JSON.parse(body) as Body<Order>;
      const made = await make(instance, order, `${bucket}/${key}`);
      if (!made) return undefined;
      const { account, region } = instance;
      const file = { bucket, key, contentType: "application/json", text: made.text };
      try {
        await storeFile({ ...platform, account, region }, file, made.alongside);
      } catch (error) {
        const failure = failureOf(error);
        if (!failed || (failure.retryable && platform.clock.now() < owedMs + TOLD_AFTER_MS)) return failure;
        await platform.store.commit((unit) => failed(unit, order, failure));
        return { ...failure, retryable: false };
      }
      return undefined;
    },
  });
}

/** Owes a file to a bucket, in the unit of the change that it follows from. */
export async function oweFile<Order>(
  unit: Unit,
  platform: Platform,
  instance: InstanceRef,
  { kind, id, bucket, key, order }: OwedFile<Order> & { readonly kind: FileKind },
): Promise<void> {
  const arn = instanceArn(instance);
  const owedMs = platform.clock.now();
  const body: Body<Order> = { instance, bucket, key, order, owedMs };
  const text = JSON.stringify(body);
  await platform.flow.send(unit, [
    {
      // A lane for each bucket: one that is not there holds up no other.
      targetArn: fileLane(instance, kind, bucket),
      request: { deliveryId: id, body: text, account: instance.account, principal: PRINCIPAL, sourceArn: arn },
      event: text,
      ruleArn: arn,
      timeMs: owedMs,
    },
  ]);
}

/** Where files of a kind that go to a bucket are sent. */
export function fileLane({ region, account }: InstanceRef, kind: FileKind, bucket: string): string {
  return `arn:aws:connect:${region}:${account}:file/${kind}/${bucket}`;
}

/** A folder of a bucket, with a slash at its end unless it is the whole bucket. */
interface FileFolder {
  readonly bucket: string;
  readonly prefix: string;
}

/** Names that the prefix of a storage configuration may end with already, as the console writes it; they are not said twice. */
const OWN_FOLDER = /\/?(?:CallRecordings|ChatTranscripts)$/;

/** Where an instance puts files about its calls, its chats or evaluations. `undefined`: nowhere. */
export async function findFileFolder(
  reader: Reader,
  instance: InstanceRef,
  type: InstanceStorageResourceType & ("CALL_RECORDINGS" | "CHAT_TRANSCRIPTS" | "CONTACT_EVALUATIONS"),
): Promise<FileFolder | undefined> {
  const s3 = (await findStorageConfig(reader, instance, type))?.S3Config;
  if (!s3) return undefined;
  const prefix = s3.BucketPrefix.replace(/^\/+|\/+$/g, "").replace(OWN_FOLDER, "");
  return { bucket: s3.BucketName, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** `2026/03/03`, of UTC. */
export function dayFolder(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10).replaceAll("-", "/");
}

/** What a bucket refuses may pass: it can be created, or be given to the account. What else goes wrong is our own fault, and told as such. */
function failureOf(error: unknown): SinkFailure {
  if (error instanceof OutsideS3Error) return error.failure;
  if (!(error instanceof ModeledError)) throw error;
  const code = error.code === "AccessDenied" ? "NO_PERMISSIONS" : "NO_RESOURCE";
  return { code, message: error.message, retryable: true };
}
