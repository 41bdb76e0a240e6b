import type { SinkOutcome } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { ruleArn } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import { atOnceAssociations, type Owner } from "./event-integration.ts";

export interface PartnerEvent extends Owner {
  readonly id: string;
  readonly source: string;
}

/**
 * Hands an event, in the unit that puts it on its bus, to those who are associated with an event integration of its source and want it at once:
 * so they have it when the sender is answered. The router brings it to them once more, as it does to everybody, and they know it by its id;
 * whoever does not take it now has it from there. Answers with what each of them says.
 */
export async function handOn(
  unit: Unit,
  { flow }: Platform,
  { id, account, region, source }: PartnerEvent,
  text: string,
): Promise<readonly SinkOutcome[]> {
  const outcomes: SinkOutcome[] = [];
  for (const { targetArn, bus, ruleName } of await atOnceAssociations(unit, { account, region }, source)) {
    const sink = targetArn === undefined ? undefined : flow.findSink(targetArn);
    if (targetArn === undefined || sink?.append === undefined) continue;
    const request = {
      deliveryId: `${id}>${ruleName}`,
      body: text,
      account,
      principal: "events.amazonaws.com",
      sourceArn: ruleArn({ bus: { account, region, name: bus }, name: ruleName }),
    };
    outcomes.push(...(await sink.append(unit, targetArn, [request])));
  }
  return outcomes;
}
