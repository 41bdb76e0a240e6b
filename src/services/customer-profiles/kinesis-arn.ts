import type { Owner } from "./domain.ts";
import { badRequest } from "./errors.ts";

const KINESIS_ARN = /^arn:aws[a-z-]*:kinesis:([a-z0-9-]+):(\d{12}):stream\/[a-zA-Z0-9_.-]{1,128}$/;

/** Throws `BadRequestException`, which begins with `at`, for what is no ARN of a Kinesis data stream of this account and Region. */
export function requireKinesisStream(arn: string, owner: Owner, at: string): void {
  const [, region, account] = KINESIS_ARN.exec(arn) ?? [];
  if (account === undefined) throw badRequest(`${at}: ${arn} is no ARN of a Kinesis data stream`);
  if (account !== owner.account || region !== owner.region) {
    throw badRequest(`${at}: the Kinesis data stream ${arn} is not of this account and Region`);
  }
}
