import type { CreateInstanceRequest, CreateInstanceResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, UniqueIndexError } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { instanceArn, instanceKey } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { invalidRequest } from "./errors.ts";
import { newInstanceContents, putInstanceContents } from "./instance-defaults.ts";
import { type Instance, instances } from "./instances.ts";
import { quotaReached } from "./quotas.ts";

/** Creates an instance with everything that a new one has. It is ACTIVE when this answers. */
export async function createInstance(
  input: Validated<CreateInstanceRequest>,
  context: Context,
): Promise<CreateInstanceResponse> {
  if (input.IdentityManagementType === "EXISTING_DIRECTORY" ? !input.DirectoryId : !input.InstanceAlias) {
    throw invalidRequest("InstanceAlias is required, or DirectoryId for an existing directory");
  }
  const { account, region } = context;
  const ref = { account, region, instanceId: context.ids.uuid() };
  const nowMs = context.clock.now();
  const contents = newInstanceContents(ref, context.ids, nowMs);
  const instance: Instance = {
    ...ref,
    identityManagement: input.IdentityManagementType,
    alias: input.InstanceAlias,
    createdMs: nowMs,
    attributes: attributesOf(input),
    tags: input.Tags ?? {},
    defaultQueueId: contents.queue.id,
  };
  const commit = context.store.commit(async (unit) => {
    const request = { scope: { account, region, instanceId: "" }, operation: "CreateInstance", input };
    const earlier = await claimClientToken(unit, request, { id: ref.instanceId, nowMs });
    if (earlier) return { Id: earlier.madeId, Arn: instanceArn({ ...ref, instanceId: earlier.madeId }) };

    const counted = { collection: instances, prefix: compositeKey(account, region, "") };
    if (await quotaReached(unit, context.limits, "connect.instances-per-region", counted)) {
      throw new ModeledError("ServiceQuotaExceededException", "The quota of instances per Region is used up");
    }
    unit.put(instances, instanceKey(instance), instance);
    await putInstanceContents(unit, contents);
    return { Id: ref.instanceId, Arn: instanceArn(ref) };
  });
  return commit.catch((error: unknown) => {
    if (error instanceof UniqueIndexError) throw invalidRequest(`InstanceAlias ${input.InstanceAlias} is taken`);
    throw error;
  });
}

/** New instances have what the console switches on by itself, and no feature that costs or needs a further service. */
function attributesOf(input: Validated<CreateInstanceRequest>): Instance["attributes"] {
  return {
    INBOUND_CALLS: input.InboundCallsEnabled ? "true" : "false",
    OUTBOUND_CALLS: input.OutboundCallsEnabled ? "true" : "false",
    CONTACTFLOW_LOGS: "false",
    CONTACT_LENS: "false",
    AUTO_RESOLVE_BEST_VOICES: "true",
    USE_CUSTOM_TTS_VOICES: "false",
    EARLY_MEDIA: "true",
    MULTI_PARTY_CONFERENCE: "false",
    AUTO_MUTE_AGENT_ON_HOLD: "false",
    HIGH_VOLUME_OUTBOUND: "false",
    ENHANCED_CONTACT_MONITORING: "false",
    ENHANCED_CHAT_MONITORING: "false",
    MULTI_PARTY_CHAT_CONFERENCE: "false",
    MESSAGE_STREAMING: "false",
  };
}
