import type { Sink, SinkFailure, SinkOutcome, SinkRequest } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { ratesOf } from "../rates.ts";
import type { Platform } from "../service.ts";
import { type DeliveryStream, deliveryStreams, type StreamName, streamKey } from "./delivery-stream.ts";
import { RECORD_BYTES_MAX } from "./limits.ts";
import { processingOf } from "./processing.ts";
import { ONLY_LOGS, rateKey, recordRate } from "./put-record.ts";
import { appendSource } from "./records.ts";

/** Puts what is sent to a delivery stream's ARN, one record a request, in the unit it is called in. Only an account's own streams take it. */
export function createFirehoseSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const named = parseArn(arn);
      const stream = named && (await unit.get(deliveryStreams, streamKey(named)));
      let taken = { count: 0, bytes: 0 };
      const outcomes = requests.map((request): SinkOutcome => {
        const data = request.isBase64 ? Buffer.from(request.body, "base64") : request.body;
        const bytes = Buffer.byteLength(data);
        const failure = refusal(platform, stream, arn, request, { bytes, taken });
        if (failure || !stream) return failure;
        taken = { count: taken.count + 1, bytes: taken.bytes + bytes };
        appendSource(unit, stream, data);
        return undefined;
      });
      if (platform.limits.enforced && stream && taken.count > 0) charge(unit, platform, stream, taken);
      return outcomes;
    },
  };
}

const LOGS = "logs.amazonaws.com";

const ARN = /^arn:aws[^:]*:firehose:([^:]+):(\d{12}):deliverystream\/([a-zA-Z0-9_.-]{1,64})$/;

export function parseArn(arn: string): StreamName | undefined {
  const [, region, account, name] = ARN.exec(arn) ?? [];
  return region !== undefined && account !== undefined && name !== undefined ? { account, region, name } : undefined;
}

interface Use {
  readonly bytes: number;
  /** By the requests before, which are not counted yet. */
  readonly taken: { readonly count: number; readonly bytes: number };
}

function refusal(
  platform: Platform,
  stream: DeliveryStream | undefined,
  arn: string,
  { account, principal }: SinkRequest,
  { bytes, taken }: Use,
): SinkFailure | undefined {
  const [, , , , owner] = arn.split(":");
  if (owner !== account) {
    return { code: "NO_PERMISSIONS", message: `${arn} is of another account.`, retryable: false };
  }
  if (!stream) return { code: "NO_RESOURCE", message: `Firehose ${arn} not found.`, retryable: false };
  if (stream.type !== "DirectPut") {
    const message = `The source of ${arn} is a Kinesis data stream.`;
    return { code: "INVALID_PARAMETER", message, retryable: false };
  }
  if (principal !== LOGS && processingOf(stream.destination.processing).decompresses) {
    return { code: "INVALID_PARAMETER", message: ONLY_LOGS, retryable: false };
  }
  if (bytes > RECORD_BYTES_MAX) {
    const message = `The record of ${bytes} bytes exceeds ${RECORD_BYTES_MAX} bytes.`;
    return { code: "INVALID_PARAMETER", message, retryable: false };
  }
  if (!platform.limits.enforced) return undefined;
  const { store, clock } = platform;
  const hasRoom = ratesOf(store).hasRoom(
    rateKey(stream),
    recordRate(platform),
    { count: 1, bytes },
    clock.now(),
    taken,
  );
  return hasRoom ? undefined : { code: "THROTTLING", message: "Slow down.", retryable: true };
}

function charge(unit: Unit, platform: Platform, stream: DeliveryStream, use: Use["taken"]): void {
  const { store, clock } = platform;
  unit.afterCommit(() => ratesOf(store).charge(rateKey(stream), recordRate(platform), use, clock.now()));
}

/** Puts a record of a service of ours to a stream of its own account, in the unit of the change that it tells of. `false`: nothing takes it. */
export async function appendServiceRecord(unit: Unit, arn: string, data: string): Promise<boolean> {
  const named = parseArn(arn);
  const stream = named && (await unit.get(deliveryStreams, streamKey(named)));
  if (stream?.type !== "DirectPut" || Buffer.byteLength(data) > RECORD_BYTES_MAX) return false;
  appendSource(unit, stream, data);
  return true;
}

/** Whether an ARN names a stream of this account and Region that records can be put to. */
export async function hasDeliveryStream(
  reader: Pick<Unit, "get">,
  arn: string,
  owner: Pick<StreamName, "account" | "region">,
): Promise<boolean> {
  const named = parseArn(arn);
  if (named?.account !== owner.account || named.region !== owner.region) return false;
  return (await reader.get(deliveryStreams, streamKey(named)))?.type === "DirectPut";
}
