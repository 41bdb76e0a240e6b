/** What can be set with `--limit`. */
import type { Limit, Platform } from "../service.ts";

const QUOTA_PAGE = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";

const CONCURRENCY = 1000;
const SANDBOXES = 48;

export const lambdaLimits: readonly Limit[] = [
  {
    name: "lambda.concurrent-executions",
    default: CONCURRENCY,
    meaning: "Invocations of an account in a Region at the same time",
    source: QUOTA_PAGE,
    always: true,
  },
  {
    name: "lambda.sandboxes",
    default: SANDBOXES,
    meaning: "Processes that run handlers on this machine, of all functions together; what is beyond waits",
    source: "ours",
    always: true,
  },
];

export function concurrencyMax({ limits }: Pick<Platform, "limits">): number {
  return limits.value("lambda.concurrent-executions", CONCURRENCY);
}

export function sandboxesMax({ limits }: Pick<Platform, "limits">): number {
  return Math.max(1, limits.value("lambda.sandboxes", SANDBOXES));
}
