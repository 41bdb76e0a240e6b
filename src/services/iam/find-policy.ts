import type { Reader } from "../../store/store.ts";
import { awsPolicy } from "./aws-policies.ts";
import { type ManagedPolicy, POLICIES, policyKey } from "./managed-policy.ts";

/** A managed policy of an account, or one of AWS's own, by its ARN. */
export async function findPolicy(reader: Reader, arn: string): Promise<ManagedPolicy | undefined> {
  const [, account, name] = /^arn:aws[\w-]*:iam::(\d{12}|aws):policy\/(?:.+\/)?([\w+=,.@-]+)$/.exec(arn) ?? [];
  if (account === undefined || name === undefined) return undefined;
  if (account === "aws") return awsPolicy(arn);
  const policy = await reader.get(POLICIES, policyKey(account, name));
  return policy?.arn === arn ? policy : undefined;
}
