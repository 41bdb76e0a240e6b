import type { Limit } from "../service.ts";
import { TIMEOUT_MS } from "./api-destinations/api-destination-sink.ts";
import { API_DESTINATIONS_MAX } from "./api-destinations/api-destinations.ts";
import { CONNECTIONS_MAX } from "./api-destinations/connections.ts";
import { ACTIVE_REPLAYS_MAX } from "./archives/replays.ts";
import { BUSES_MAX } from "./event-buses.ts";
import { REQUEST_BYTES_MAX, REQUESTS_PER_SECOND_MAX } from "./put-events.ts";
import { RULES_PER_BUS_MAX } from "./rules.ts";
import { TARGETS_PER_RULE_MAX } from "./targets.ts";

const QUOTA_PAGE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html";

/** What `--limit` changes of EventBridge. */
export const eventBridgeLimits: readonly Limit[] = [
  { name: "events.buses", default: BUSES_MAX, meaning: "Event buses of an account in a Region", source: QUOTA_PAGE },
  { name: "events.rules-per-bus", default: RULES_PER_BUS_MAX, meaning: "Rules of an event bus", source: QUOTA_PAGE },
  {
    name: "events.targets-per-rule",
    default: TARGETS_PER_RULE_MAX,
    meaning: "Targets of a rule",
    source: QUOTA_PAGE,
    always: true,
  },
  {
    name: "events.connections",
    default: CONNECTIONS_MAX,
    meaning: "Connections of an account in a Region",
    source: QUOTA_PAGE,
  },
  {
    name: "events.api-destinations",
    default: API_DESTINATIONS_MAX,
    meaning: "API destinations of an account in a Region",
    source: QUOTA_PAGE,
  },
  {
    name: "events.api-destination-timeout-ms",
    default: TIMEOUT_MS,
    meaning: "Milliseconds of wall time that an API destination has for its answer",
    source: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html",
    always: true,
  },
  {
    name: "events.concurrent-replays",
    default: ACTIVE_REPLAYS_MAX,
    meaning: "Replays of an account in a Region that run at a time",
    source: QUOTA_PAGE,
  },
  {
    name: "events.put-events-bytes",
    default: REQUEST_BYTES_MAX,
    meaning: "Bytes of all entries of a PutEvents request",
    source: "AWS Compute Blog, January 2026",
    always: true,
  },
  {
    name: "events.put-events-per-second",
    default: REQUESTS_PER_SECOND_MAX,
    meaning: "PutEvents requests a second of an account in a Region",
    source: QUOTA_PAGE,
  },
];
