import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { deadLetterQueueArn } from "./dead-letter-queue.ts";
import { type Domain, domainArn } from "./domain.ts";
import type { AcceptedObject } from "./ingest-object.ts";
import { noteRejection } from "./recent-rejections.ts";

/** An object that could not be ingested goes to the domain's dead-letter queue, where it has one, with the reason. */
export async function rejectObject(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  { type, content }: Pick<AcceptedObject, "type" | "content">,
  reason: string,
): Promise<void> {
  noteRejection(unit, platform.store, domain, { type: type.name, reason, timeMs: platform.clock.now() });
  await tellQueue(unit, platform, domain, { ObjectTypeName: type.name, ErrorMessage: reason, Object: content });
}

/** Tells a domain's dead-letter queue, where it has one, of something that could not be done. */
export async function tellQueue(
  unit: Unit,
  { flow, clock, ids }: Platform,
  domain: Domain,
  { Object: object, ...told }: Readonly<Record<string, string>>,
): Promise<void> {
  const queueArn = deadLetterQueueArn(domain);
  if (!queueArn) return;
  const body = JSON.stringify({
    DomainName: domain.name,
    ...told,
    EventTimestamp: new Date(clock.now()).toISOString(),
    ...(object !== undefined && { Object: object }),
  });
  await flow.send(unit, [
    {
      targetArn: queueArn,
      request: {
        deliveryId: ids.uuid(),
        body,
        account: domain.account,
        principal: "profile.amazonaws.com",
        sourceArn: domainArn(domain),
      },
      event: body,
      ruleArn: domainArn(domain),
      timeMs: clock.now(),
    },
  ]);
}
