import {
  ANSWER_CHARACTERS,
  type Sink,
  type SinkFailure,
  type SinkRequest,
  type TargetAnswer,
} from "../../../flow/index.ts";
import type { Platform } from "../../service.ts";
import { domainKey, domains } from "../domain.ts";
import { integrationKey, integrations } from "../integrations/integration.ts";
import { parseDestination } from "./trigger-destination.ts";
import { findSecret, signatureHeaders } from "./webhook-secret.ts";

const TIMEOUT_MS = 15_000;
/** How long the rest of an answer is waited for whose status is known. */
const BODY_MS = 1_000;

const INTEGRATION_ARN = /^arn:aws[^:]*:profile:([^:]+):(\d{12}):domains\/([^/]+)\/integrations\/(.+)$/s;

/** Posts what event triggers send to webhooks: to the ARN of an integration, whose `Uri` is the address. */
export function createWebhookSink(platform: Platform): NonNullable<Sink["attempt"]> {
  return async (arn, request, signal, tell) => {
    const [, region = "", account = "", name = "", uri = ""] = INTEGRATION_ARN.exec(arn) ?? [];
    const { store, clock, wall } = platform;
    const domain = await store.get(domains, domainKey({ account, region }, name));
    const integration = domain && (await store.get(integrations, integrationKey({ uid: domain.uid, uri })));
    const secret = integration && (await findSecret(store, integration));
    const url = parseDestination(uri)?.address;
    if (account !== request.account || !secret || url === undefined) return GONE;
    const { deliveryId: id, body } = request;
    const signature = signatureHeaders(secret, { id, body, timeMs: wall.now(), nowMs: clock.now() });
    return post(platform, { url, request, signature, signal, tell });
  };
}

const GONE: SinkFailure = { code: "NO_RESOURCE", message: "The integration was deleted.", retryable: false };

interface Post {
  readonly url: string;
  readonly request: SinkRequest;
  readonly signature: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly tell: ((answer: TargetAnswer) => void) | undefined;
}

async function post(
  { wall }: Platform,
  { url, request: { body }, signature, signal, tell }: Post,
): Promise<SinkFailure | undefined> {
  const late = new AbortController();
  using _timer = wall.after(TIMEOUT_MS, () => late.abort());
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Trunkline", ...signature },
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, late.signal]),
    });
    using _patience = wall.after(BODY_MS, () => late.abort());
    tell?.({ status: answer.status, body: await beginningOf(answer) });
    return answer.ok ? undefined : refusal(answer.status);
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = late.signal.aborted
      ? `no answer within ${TIMEOUT_MS / 1000} s`
      : String((cause as Error)?.message ?? message);
    return { code: "CONNECTION_FAILURE", message: `The webhook could not be reached: ${reason}.`, retryable: true };
  }
}

/** The beginning of an answer's body. Its status is known by then, which is what counts. */
async function beginningOf({ body }: Response): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of body ?? []) {
      kept.push(piece);
      bytes += piece.length;
      if (bytes >= ANSWER_CHARACTERS) break;
    }
  } catch {
    // What came until then is told.
  }
  return Buffer.concat(kept).toString("utf8").slice(0, ANSWER_CHARACTERS);
}

/** As EventBridge does with API destinations: 409, 429 and 5xx are tried again. */
function refusal(status: number): SinkFailure {
  const retryable = status >= 500 || status === 409 || status === 429;
  const code = status === 429 ? "THROTTLING" : status >= 500 ? "INTERNAL_ERROR" : "INVALID_PARAMETER";
  return { code, message: `The webhook answered ${status}.`, retryable };
}
