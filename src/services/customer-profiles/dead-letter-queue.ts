import { compositeKey, type Reader } from "../../store/store.ts";
import { type Domain, domainArn, domains, type Owner } from "./domain.ts";
import { badRequest } from "./errors.ts";

/** `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`, or the same path at our own address. */
const QUEUE_URL = /^https?:\/\/([^/]+)\/(\d{12})\/([A-Za-z0-9_.-]{1,80})$/;

/** Throws `BadRequestException` for what is no address of a queue of this account and Region: nothing would ever get there. */
export function requireQueueUrl(url: string, owner: Owner): void {
  const [, host = "", account] = QUEUE_URL.exec(url) ?? [];
  if (account === undefined) throw badRequest(`DeadLetterQueueUrl: ${url} is no address of an SQS queue`);
  const region = /^sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(host)?.[1] ?? owner.region;
  if (account !== owner.account || region !== owner.region) {
    throw badRequest(`DeadLetterQueueUrl: the queue ${url} is not of this account and Region`);
  }
}

/** ARN of the queue that gets what a domain could not take or send. `undefined`: it has none. */
export function deadLetterQueueArn({ region, deadLetterQueueUrl = "" }: Domain): string | undefined {
  const [, , account, name] = QUEUE_URL.exec(deadLetterQueueUrl) ?? [];
  return account && name ? `arn:aws:sqs:${region}:${account}:${name}` : undefined;
}

/** Domains of an account and Region that have one, with its ARN. */
export async function listDeadLetterDomains(
  reader: Reader,
  { account, region }: Owner,
): Promise<readonly { readonly domainArn: string; readonly queueArn: string }[]> {
  const { documents } = await reader.list(domains, { prefix: compositeKey(account, region, ""), limit: 1_000 });
  return documents.flatMap((domain) => {
    const queueArn = deadLetterQueueArn(domain);
    return queueArn === undefined ? [] : { domainArn: domainArn(domain), queueArn };
  });
}
