import type { UserUnion } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { findUserByArn } from "../connect/index.ts";
import type { Context } from "../service.ts";
import type { Actor } from "./actor.ts";
import type { Owner } from "./domain.ts";
import { invalid } from "./errors.ts";

/** Who does what a request asks. Throws `ValidationException` where it names a user that is not there (our choice). */
export async function actorOf(
  reader: Reader,
  { principalArn, account, region }: Context,
  performedBy: Validated<UserUnion> | undefined,
): Promise<Actor> {
  const arn = performedBy?.userArn;
  if (arn !== undefined && !(await findUserByArn(reader, { account, region }, arn))) {
    throw invalid(`performedBy.userArn: user ${arn} does not exist`);
  }
  return { principalArn, ...(performedBy && { user: performedBy as UserUnion }) };
}

/** Amazon Connect itself: its rules, and the clock that service levels run on. */
export function connectActor({ account }: Pick<Owner, "account">): Actor {
  const role = "aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_trunkline";
  return { principalArn: `arn:aws:iam::${account}:role/${role}` };
}
