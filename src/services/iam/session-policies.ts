import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import { findPolicyFault } from "../policy/index.ts";
import { findPolicy } from "./find-policy.ts";
import type { Session } from "./keys.ts";
import { SESSION_POLICY_CHARACTERS } from "./quotas.ts";

/** What limits a session, as STS is told it. */
export interface GivenLimits {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined;
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

const POLICY_ARNS_MAX = 10;

/** Checks a session's policies, of which the managed ones must be of the account or AWS's. */
export async function sessionPolicies(
  reader: Reader,
  account: string,
  { Policy: policy, PolicyArns = [], Tags = [] }: GivenLimits,
): Promise<{ readonly limits: Pick<Session, "policies" | "policyArns">; readonly packedPercent: number }> {
  const arns = PolicyArns.map(({ arn = "" }) => arn);
  if (policy !== undefined) {
    const fault = findPolicyFault(policy, "identity");
    if (fault !== undefined) throw new ModeledError("MalformedPolicyDocumentException", fault);
  }
  if (arns.length > POLICY_ARNS_MAX) throw tooLarge();
  for (const arn of arns) {
    const found = await findPolicy(reader, arn);
    if (found === undefined || (found.account !== "aws" && found.account !== account)) {
      throw new ModeledError(
        "ValidationError",
        `The specified managed policy ${arn} does not exist or is not attachable.`,
      );
    }
  }
  const tagCharacters = Tags.reduce((sum, { Key = "", Value = "" }) => sum + Key.length + Value.length, 0);
  const characters = (policy?.length ?? 0) + arns.join("").length + tagCharacters;
  if ((policy?.length ?? 0) > SESSION_POLICY_CHARACTERS || characters > 2 * SESSION_POLICY_CHARACTERS) throw tooLarge();
  return {
    limits: {
      ...(policy !== undefined && { policies: [policy] }),
      ...(arns.length > 0 && { policyArns: arns }),
    },
    packedPercent: Math.ceil((characters / (2 * SESSION_POLICY_CHARACTERS)) * 100),
  };
}

/** Ours: how the real service packs them is not documented. */
function tooLarge(): ModeledError {
  return new ModeledError(
    "PackedPolicyTooLargeException",
    "Packed size of session policies and tags exceeds the allowed size.",
  );
}
