import { ModeledError } from "../../../models/modeled-error.ts";
import { BoundedMap } from "../../bounded-map.ts";
import { assumeRoleAsService, decideAccess, type TemporaryKeys } from "../../iam/index.ts";
import { perStore } from "../../per-store.ts";
import type { Caller, Platform } from "../../service.ts";
import type { EventSourceMapping, SourceKind } from "./mapping.ts";

/** What a function's role must be allowed to do with its source. https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
const ACTIONS: Readonly<Record<SourceKind | "consumer", readonly string[]>> = {
  kinesis: ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"],
  consumer: ["kinesis:SubscribeToShard"],
  sqs: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
};

/** Who reads: the function's role. */
export type RoleCaller = Pick<Caller, "account" | "region" | "accessKeyId" | "principalArn"> & {
  /** What it is a session of. */
  readonly roleArn?: string;
};

/** Keys of a session are asked for anew so long before they end, in wall time. */
const RENEW_BEFORE_MS = 60_000;
const SESSIONS_MAX = 10_000;

const sessionsOf = perStore(() => new BoundedMap<string, TemporaryKeys>(SESSIONS_MAX));

/** A session of the function's role in the mapping's account; `undefined`: Lambda cannot assume the role. */
export async function actAsRole(
  platform: Platform,
  { account, region }: Pick<EventSourceMapping, "account" | "region">,
  roleArn: string,
): Promise<RoleCaller | undefined> {
  const sessions = sessionsOf(platform.store);
  let session = sessions.get(roleArn);
  if (session === undefined || session.expiresAtMs - RENEW_BEFORE_MS <= platform.wall.now()) {
    try {
      session = await assumeRoleAsService(platform, {
        roleArn,
        service: "lambda.amazonaws.com",
        sessionName: "awslambda",
      });
    } catch (error) {
      if (error instanceof ModeledError) return undefined;
      throw error;
    }
    sessions.set(roleArn, session);
  }
  return { account, region, accessKeyId: session.accessKeyId, principalArn: session.principalArn, roleArn };
}

/** The first action that the function's role may not do with the source; `undefined`: it may do all. */
export async function findMissingAction(
  platform: Platform,
  { source, sourceArn }: Pick<EventSourceMapping, "source" | "sourceArn">,
  caller: RoleCaller,
  resourcePolicy?: string,
): Promise<{ readonly action: string; readonly message: string } | undefined> {
  const resourceAccount = sourceArn.split(":")[4] ?? caller.account;
  for (const action of ACTIONS[sourceArn.includes("/consumer/") ? "consumer" : source]) {
    const decision = await decideAccess(platform, {
      caller,
      action,
      resourceArn: sourceArn,
      resourceAccount,
      resourcePolicy,
    });
    if (decision.allowed) continue;
    // A role that was deleted and created anew is another one: its old sessions may do nothing, a new one may.
    if (caller.roleArn !== undefined) sessionsOf(platform.store).delete(caller.roleArn);
    return { action, message: decision.message };
  }
  return undefined;
}
