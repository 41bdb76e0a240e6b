import type { Limit } from "../service.ts";
import { RESOURCE_POLICIES_MAX } from "./limits.ts";

/** What `--limit` changes of CloudWatch Logs. */
export const logsLimits: readonly Limit[] = [
  {
    name: "logs.resource-policies",
    default: RESOURCE_POLICIES_MAX,
    meaning: "Resource policies of an account in a Region",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
  },
];
