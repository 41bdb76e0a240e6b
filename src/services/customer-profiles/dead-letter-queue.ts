import type { Domain } from "./domain.ts";

/** ARN of the queue that gets what a domain could not take or send. `undefined`: it has none, or names it by no address of a queue. */
export function deadLetterQueueArn({ region, deadLetterQueueUrl = "" }: Domain): string | undefined {
  // `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`, or the same path at our own address.
  const [, account, name] = /^https?:\/\/[^/]+\/(\d{12})\/([A-Za-z0-9_.-]{1,80})$/.exec(deadLetterQueueUrl) ?? [];
  return account && name ? `arn:aws:sqs:${region}:${account}:${name}` : undefined;
}
