/**
 * EventBridge: buses, rules and targets, and the routing of events between them.
 *
 * Built: events, patterns, rules, schedules, targets, buses, their policies and tags, partner event sources, archives and replays,
 * connections and API destinations. Not: global endpoints.
 */

import type { Service } from "../service.ts";
import { createApiDestinationSink } from "./api-destinations/api-destination-sink.ts";
import {
  createApiDestination,
  deleteApiDestination,
  describeApiDestination,
  listApiDestinations,
  updateApiDestination,
} from "./api-destinations/api-destinations.ts";
import { createAuthorizationSink } from "./api-destinations/authorize.ts";
import {
  createConnection,
  deauthorizeConnection,
  deleteConnection,
  describeConnection,
  listConnections,
  updateConnection,
} from "./api-destinations/connections.ts";
import { startArchives } from "./archives/archive.ts";
import { createArchiveSink } from "./archives/archive-sink.ts";
import { createArchive, deleteArchive, describeArchive, listArchives, updateArchive } from "./archives/archives.ts";
import { cancelReplay, describeReplay, listReplays, startReplay } from "./archives/replays.ts";
import { startReplays } from "./archives/run-replay.ts";
import { policyOf } from "./bus.ts";
import { createBusSink } from "./bus-sink.ts";
import { createEventBus, deleteEventBus, describeEventBus, listEventBuses, updateEventBus } from "./event-buses.ts";
import { mapOfEvents } from "./map.ts";
import {
  activateEventSource,
  createPartnerEventSource,
  deactivateEventSource,
  deletePartnerEventSource,
  describeEventSource,
  describePartnerEventSource,
  listEventSources,
  listPartnerEventSourceAccounts,
  listPartnerEventSources,
} from "./partner-event-sources.ts";
import { putPermission, removePermission } from "./permissions.ts";
import { putEvents } from "./put-events.ts";
import { putPartnerEvents } from "./put-partner-events.ts";
import { eventBridgeLimits } from "./quotas.ts";
import { BUS_EVENTS } from "./router.ts";
import { routersOf } from "./routers.ts";
import {
  deleteRule,
  describeRule,
  disableRule,
  enableRule,
  listRuleNamesByTarget,
  listRules,
  putRule,
} from "./rules.ts";
import { startSchedules } from "./schedule.ts";
import { startLateEvents } from "./service-event.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { listTargetsByRule, putTargets, removeTargets } from "./targets.ts";
import { testEventPattern } from "./test-event-pattern.ts";

export { type BusAddress, findBus, parseBusArn } from "./bus.ts";
export { compactJson, isNestedTooDeep, NESTING_MAX } from "./compact-json.ts";
export { eventText } from "./event.ts";
export { acceptPartnerSource } from "./event-buses.ts";
export { parseExactly } from "./exact-json.ts";
export { explainBus, explainPattern, explainRule, patternExplainer } from "./explain-rule.ts";
export { deleteManagedRule, putManagedRule } from "./managed-rule.ts";
export { matchedRules } from "./matched-rules.ts";
export { offerPartnerSource } from "./partner-event-source.ts";
export { completedEvent, putEventsAsService } from "./put-events.ts";
export { tellPartnerEvent } from "./put-partner-events.ts";
export { listDeadLetterTargets, redriveToTarget } from "./redrive.ts";
export { ruleArn } from "./rule.ts";
export { putServiceEvent } from "./service-event.ts";
export { type BusTail, tailBus } from "./tail.ts";

export const eventBridge: Service = {
  map: mapOfEvents,
  operations: {
    events: {
      PutEvents: putEvents,
      TestEventPattern: testEventPattern,
      PutRule: putRule,
      DescribeRule: describeRule,
      ListRules: listRules,
      EnableRule: enableRule,
      DisableRule: disableRule,
      DeleteRule: deleteRule,
      ListRuleNamesByTarget: listRuleNamesByTarget,
      PutTargets: putTargets,
      RemoveTargets: removeTargets,
      ListTargetsByRule: listTargetsByRule,
      CreateEventBus: createEventBus,
      DescribeEventBus: describeEventBus,
      UpdateEventBus: updateEventBus,
      ListEventBuses: listEventBuses,
      DeleteEventBus: deleteEventBus,
      PutPermission: putPermission,
      RemovePermission: removePermission,
      CreatePartnerEventSource: createPartnerEventSource,
      DescribePartnerEventSource: describePartnerEventSource,
      ListPartnerEventSources: listPartnerEventSources,
      ListPartnerEventSourceAccounts: listPartnerEventSourceAccounts,
      DeletePartnerEventSource: deletePartnerEventSource,
      PutPartnerEvents: putPartnerEvents,
      DescribeEventSource: describeEventSource,
      ListEventSources: listEventSources,
      ActivateEventSource: activateEventSource,
      DeactivateEventSource: deactivateEventSource,
      CreateConnection: createConnection,
      DescribeConnection: describeConnection,
      ListConnections: listConnections,
      UpdateConnection: updateConnection,
      DeleteConnection: deleteConnection,
      DeauthorizeConnection: deauthorizeConnection,
      CreateApiDestination: createApiDestination,
      DescribeApiDestination: describeApiDestination,
      ListApiDestinations: listApiDestinations,
      UpdateApiDestination: updateApiDestination,
      DeleteApiDestination: deleteApiDestination,
      CreateArchive: createArchive,
      DescribeArchive: describeArchive,
      ListArchives: listArchives,
      UpdateArchive: updateArchive,
      DeleteArchive: deleteArchive,
      StartReplay: startReplay,
      DescribeReplay: describeReplay,
      ListReplays: listReplays,
      CancelReplay: cancelReplay,
      TagResource: tagResource,
      UntagResource: untagResource,
      ListTagsForResource: listTagsForResource,
    },
  },
  policies: { events: policyOf },
  limits: eventBridgeLimits,
  async start(platform) {
    const { metrics } = platform.flow;
    metrics.describe(BUS_EVENTS, "Events that came to a bus, by source.");
    metrics.describe("trunkline_matched_events_total", "Events that a rule matched.");
    metrics.describe("trunkline_invalid_inputs_total", "Inputs for a target that came to nothing and were not sent.");
    platform.flow.sink("events", "event-bus/", createBusSink(platform));
    platform.flow.sink("events", "api-destination/", createApiDestinationSink(platform));
    platform.flow.sink("events", "connection/", createAuthorizationSink(platform));
    startLateEvents(platform);
    startSchedules(platform);
    platform.flow.sink("events", ":", createArchiveSink(platform));
    startArchives(platform);
    startReplays(platform);
    await routersOf(platform).start();
  },
};
