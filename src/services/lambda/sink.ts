import type { Sink, SinkFailure, SinkOutcome, SinkRequest } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { acceptEvent } from "./async-event.ts";
import { findTarget, type Named } from "./find-function.ts";
import { functionArn } from "./function.ts";
import { parseArn } from "./invoke-function.ts";
import { EVENT_BYTES_MAX } from "./limits.ts";
import { letsService, policies, policyKey } from "./policy.ts";

/** Functions as targets: what is sent becomes an asynchronous event, in the unit it is sent in. */
export function createLambdaSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const outcomes: SinkOutcome[] = [];
      for (const request of requests) outcomes.push(await takeEvent(unit, platform, arn, request));
      return outcomes;
    },
  };
}

/** Takes an event for a function, which is handled later. */
export async function takeEvent(
  unit: Unit,
  platform: Platform,
  arn: string,
  request: SinkRequest,
): Promise<SinkOutcome> {
  const named = parseArn(arn);
  // Which of an alias's versions runs is decided when it does.
  const target = named && (await findTarget(unit, named, () => 1));
  if (!named || !target) return refusal("NO_RESOURCE", `Function not found: ${arn}`);
  if (!(await mayInvoke(unit, named, request))) {
    const arn = functionArn(named, named.qualifier);
    return refusal("NO_PERMISSIONS", `The policy of ${arn} does not let ${request.principal} invoke it.`);
  }
  if (Buffer.byteLength(request.body) > EVENT_BYTES_MAX) {
    return refusal("INVALID_PARAMETER", `An event may have at most ${EVENT_BYTES_MAX} bytes.`);
  }
  const { account, region, name, qualifier } = named;
  await acceptEvent(unit, platform, {
    // The same for every run of the unit and every attempt.
    id: derivedUuid(request.deliveryId, functionArn(named, named.qualifier)),
    functionId: target.function.id,
    ...{ account, region, name, qualifier },
    payload: jsonOf(request.body),
  });
  return undefined;
}

/** A service needs the function's leave. Lambda itself has asked the role of the function that sends, and so has who sends as a principal of the account. */
async function mayInvoke(unit: Unit, named: Named, request: SinkRequest): Promise<boolean> {
  const { principal, sourceArn, account } = request;
  const isOwn = principal === "lambda.amazonaws.com" || principal.startsWith("arn:");
  if (isOwn && account === named.account) return true;
  const policy = await unit.get(policies, policyKey(named, named.qualifier));
  return letsService(named, policy, { service: principal, sourceArn, sourceAccount: account });
}

/** Handlers get JSON: a text that is none is told as a text. */
function jsonOf(body: string): string {
  try {
    JSON.parse(body);
    return body;
  } catch {
    return JSON.stringify(body);
  }
}

function refusal(code: string, message: string): SinkFailure {
  return { code, message, retryable: false };
}
