/** What event triggers could not send: it does not count, the decision says why, and the domain's dead-letter queue gets it. */
import type { SinkFailure } from "../../../flow/index.ts";
import type { Platform } from "../../service.ts";
import { deadLetterQueueArn } from "../dead-letter-queue.ts";
import { type Domain, domainKey, domains } from "../domain.ts";
import { uncountInvocation } from "./trigger-counts.ts";
import { type DecisionPlace, decisionKey, triggerDecisions } from "./trigger-decisions.ts";
import { createWebhookSink } from "./webhook-sink.ts";

/** Who sends what triggers send. */
export const TRIGGER_PRINCIPAL = "profile.amazonaws.com";

const UNDELIVERED = "undelivered/";

/** Where what could not be sent goes: a resource that is none of the API's. */
export function undeliveredArn({ account, region, name }: Domain): string {
  return `arn:aws:profile:${region}:${account}:${UNDELIVERED}${name}`;
}

/** What could not be sent, and where it was decided. */
export interface Undelivered {
  readonly place: DecisionPlace;
  /** As it was to be sent. */
  readonly body: string;
}

const NOT_OURS: SinkFailure = { code: "NO_PERMISSIONS", message: "No target of others.", retryable: false };

/** Declares where triggers send to beside what other services take, and what becomes of what nobody has taken. */
export function sendTriggered(platform: Platform): void {
  const { flow } = platform;
  const webhook = createWebhookSink(platform);
  flow.sink("profile", "domains/", {
    async attempt(arn, request, signal, tell) {
      return request.principal === TRIGGER_PRINCIPAL ? webhook(arn, request, signal, tell) : NOT_OURS;
    },
  });
  flow.sink("profile", UNDELIVERED, {
    async append(unit, arn, requests) {
      for (const { deliveryId, account, principal, sourceArn, body: text, attributes = {} } of requests) {
        if (principal !== TRIGGER_PRINCIPAL) continue;
        const { place, body } = JSON.parse(text) as Undelivered;
        const { ERROR_CODE: code = "", ERROR_MESSAGE: message = "" } = attributes;
        const decision = await unit.get(triggerDecisions, decisionKey(place));
        if (decision) {
          unit.put(triggerDecisions, decisionKey(place), {
            ...decision,
            outcome: "failed",
            failure: { code, message },
          });
          await uncountInvocation(unit, decision, decision.timeMs);
        }
        const [, region = "", name = ""] = /^arn:[^:]*:profile:([^:]*):\d{12}:undelivered\/(.*)$/.exec(arn) ?? [];
        const domain = await unit.get(domains, domainKey({ account, region }, name));
        // Another domain of the same name has nothing to do with it.
        const queueArn = domain?.uid === place.uid ? deadLetterQueueArn(domain) : undefined;
        if (!queueArn) continue;
        const id = `${deliveryId}-undelivered`;
        const request = { deliveryId: id, body, account, principal, sourceArn, attributes };
        await flow.send(unit, [
          { targetArn: queueArn, request, event: body, ruleArn: sourceArn, timeMs: platform.clock.now() },
        ]);
      }
      return requests.map(({ principal }) => (principal === TRIGGER_PRINCIPAL ? undefined : NOT_OURS));
    },
  });
}
