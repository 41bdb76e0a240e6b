import type { Limit } from "../service.ts";
import { TIMEOUT_MS } from "./http-sink.ts";
import { FILTER_POLICIES_MAX, SUBSCRIPTIONS_MAX } from "./subscriptions.ts";
import { TOPICS_MAX } from "./topics.ts";

const QUOTA_PAGE = "https://docs.aws.amazon.com/general/latest/gr/sns.html";

/** What `--limit` changes of SNS. */
export const snsLimits: readonly Limit[] = [
  { name: "sns.topics", default: TOPICS_MAX, meaning: "Topics of an account in a Region", source: QUOTA_PAGE },
  {
    name: "sns.subscriptions-per-topic",
    default: SUBSCRIPTIONS_MAX,
    meaning: "Subscriptions of a standard topic",
    source: QUOTA_PAGE,
  },
  {
    name: "sns.filter-policies-per-topic",
    default: FILTER_POLICIES_MAX,
    meaning: "Filter policies of a topic",
    source: QUOTA_PAGE,
  },
  {
    name: "sns.http-timeout-ms",
    default: TIMEOUT_MS,
    meaning: "Milliseconds of wall time that an HTTP endpoint has for its answer",
    source: "https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html",
    always: true,
  },
];
