import type { Service } from "../service.ts";
import { registerEventTimers } from "./events.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getLogEvents } from "./get-log-events.ts";
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  putRetentionPolicy,
} from "./log-groups.ts";
import { createLogStream, deleteLogStream, describeLogStreams } from "./log-streams.ts";
import { putLogEvents } from "./put-log-events.ts";
import { logsLimits } from "./quotas.ts";
import { deleteResourcePolicy, describeResourcePolicies, putResourcePolicy } from "./resource-policies.ts";
import { createLogsSink } from "./sink.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";

export { appendServiceEvents } from "./service-events.ts";

export const logs: Service = {
  operations: {
    logs: {
      CreateLogGroup: createLogGroup,
      CreateLogStream: createLogStream,
      DeleteLogGroup: deleteLogGroup,
      DeleteLogStream: deleteLogStream,
      DeleteResourcePolicy: deleteResourcePolicy,
      DeleteRetentionPolicy: deleteRetentionPolicy,
      DescribeLogGroups: describeLogGroups,
      DescribeLogStreams: describeLogStreams,
      DescribeResourcePolicies: describeResourcePolicies,
      FilterLogEvents: filterLogEvents,
      GetLogEvents: getLogEvents,
      ListTagsForResource: listTagsForResource,
      PutLogEvents: putLogEvents,
      PutResourcePolicy: putResourcePolicy,
      PutRetentionPolicy: putRetentionPolicy,
      TagResource: tagResource,
      UntagResource: untagResource,
    },
  },
  limits: logsLimits,
  async start(platform) {
    registerEventTimers(platform);
    platform.flow.sink("logs", "log-group:", createLogsSink(platform));
  },
};
