import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { identify } from "./identified.ts";

/** Who the request's credentials belong to. The user id of an account's root is the account id, as with the real service. */
export async function getCallerIdentity(
  _input: Validated<GetCallerIdentityRequest>,
  context: Context,
): Promise<GetCallerIdentityResponse> {
  const { keys } = await identify(context.store, context);
  return { Account: context.account, Arn: context.principalArn, UserId: keys.get("aws:userid")?.[0] };
}
