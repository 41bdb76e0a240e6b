import type {
  ReleasePhoneNumberRequest,
  UpdatePhoneNumberRequest,
  UpdatePhoneNumberResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { claimTokenOnce } from "./client-tokens.ts";
import {
  answerOf,
  getPhoneNumber,
  getTarget,
  type PhoneNumber,
  phoneNumberKey,
  phoneNumbers,
  putPhoneNumber,
} from "./phone-numbers.ts";
import { queues } from "./queues.ts";

/** Gives a number up that no queue shows to whom it calls. It is free again at once (our choice; the real service lets it rest). */
export async function releasePhoneNumber(
  input: Validated<ReleasePhoneNumberRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const made = { operation: "ReleasePhoneNumber", input, madeId: input.PhoneNumberId };
    if ((await claimTokenOnce(unit, context, made)) !== undefined) return;

    const number = await getPhoneNumber(unit, context, input.PhoneNumberId);
    await requireUnused(unit, number);
    unit.delete(phoneNumbers, phoneNumberKey(number));
  });
  return {};
}

/** Moves a number to another instance. The flow that its calls ran stays behind. */
export async function updatePhoneNumber(
  input: Validated<UpdatePhoneNumberRequest>,
  context: Context,
): Promise<UpdatePhoneNumberResponse> {
  return context.store.commit(async (unit) => {
    const made = { operation: "UpdatePhoneNumber", input, madeId: input.PhoneNumberId };
    const earlier = await claimTokenOnce(unit, context, made);
    const number = await getPhoneNumber(unit, context, input.PhoneNumberId);
    if (earlier !== undefined) return answerOf(number, number.id);

    const target = await getTarget(unit, context, input);
    if (target.instanceId !== number.instanceId) {
      await requireUnused(unit, number);
      putPhoneNumber(unit, { ...number, ...refOf(target), flowId: undefined });
    }
    return answerOf(number, number.id);
  });
}

async function requireUnused(reader: Reader, number: PhoneNumber): Promise<void> {
  const equals = instanceKey(number, number.id);
  const { documents } = await reader.list(queues, { index: "outboundNumber", equals, limit: 1 });
  const [queue] = documents;
  if (queue) {
    // The model's types of resources have no queues.
    throw new ModeledError("ResourceInUseException", `Phone number ${number.id} is in use by queue ${queue.id}`, {
      ResourceId: resourceArn("queue", queue, queue.id),
    });
  }
}
