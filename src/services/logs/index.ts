import type { Service } from "../service.ts";
import { registerEventTimers } from "./events.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getLogEvents } from "./get-log-events.ts";
import { startLiveTail } from "./live-tail.ts";
import {
  associateKmsKey,
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  disassociateKmsKey,
  listLogGroups,
  putLogGroupDeletionProtection,
  putRetentionPolicy,
} from "./log-groups.ts";
import { createLogStream, deleteLogStream, describeLogStreams } from "./log-streams.ts";
import { mapOfLogGroups } from "./map.ts";
import { describeLogMetrics } from "./metric-filter.ts";
import { deleteMetricFilter, describeMetricFilters, putMetricFilter, testMetricFilter } from "./metric-filters.ts";
import { putLogEvents } from "./put-log-events.ts";
import { logsLimits } from "./quotas.ts";
import { deleteResourcePolicy, describeResourcePolicies, policyOf, putResourcePolicy } from "./resource-policies.ts";
import { createLogsSink } from "./sink.ts";
import {
  deleteSubscriptionFilter,
  describeSubscriptionFilters,
  putSubscriptionFilter,
} from "./subscription-filters.ts";
import {
  listTagsForResource,
  listTagsLogGroup,
  tagLogGroup,
  tagResource,
  untagLogGroup,
  untagResource,
} from "./tags.ts";

export { appendServiceEvents } from "./service-events.ts";

export const logs: Service = {
  map: mapOfLogGroups,
  operations: {
    logs: {
      AssociateKmsKey: associateKmsKey,
      CreateLogGroup: createLogGroup,
      CreateLogStream: createLogStream,
      DeleteLogGroup: deleteLogGroup,
      DeleteLogStream: deleteLogStream,
      DeleteMetricFilter: deleteMetricFilter,
      DeleteResourcePolicy: deleteResourcePolicy,
      DeleteRetentionPolicy: deleteRetentionPolicy,
      DeleteSubscriptionFilter: deleteSubscriptionFilter,
      DescribeLogGroups: describeLogGroups,
      DescribeLogStreams: describeLogStreams,
      DescribeMetricFilters: describeMetricFilters,
      DescribeResourcePolicies: describeResourcePolicies,
      DescribeSubscriptionFilters: describeSubscriptionFilters,
      DisassociateKmsKey: disassociateKmsKey,
      FilterLogEvents: filterLogEvents,
      GetLogEvents: getLogEvents,
      ListLogGroups: listLogGroups,
      ListTagsForResource: listTagsForResource,
      ListTagsLogGroup: listTagsLogGroup,
      PutLogEvents: putLogEvents,
      PutLogGroupDeletionProtection: putLogGroupDeletionProtection,
      PutMetricFilter: putMetricFilter,
      PutResourcePolicy: putResourcePolicy,
      PutRetentionPolicy: putRetentionPolicy,
      PutSubscriptionFilter: putSubscriptionFilter,
      StartLiveTail: startLiveTail,
      TagLogGroup: tagLogGroup,
      TagResource: tagResource,
      TestMetricFilter: testMetricFilter,
      UntagLogGroup: untagLogGroup,
      UntagResource: untagResource,
    },
  },
  policies: { logs: policyOf },
  limits: logsLimits,
  async start(platform) {
    registerEventTimers(platform);
    describeLogMetrics(platform);
    platform.flow.sink("logs", "log-group:", createLogsSink(platform));
  },
};
