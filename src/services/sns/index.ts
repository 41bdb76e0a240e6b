/**
 * SNS: topics, and subscriptions that what is published goes to.
 *
 * Built: standard and FIFO topics; queues, functions, streams of Firehose and HTTP endpoints as subscribers. Not: mail, SMS, mobile push, data
 * protection, archives of FIFO topics.
 */

import type { Service } from "../service.ts";
import { confirmSubscription, startExpiry } from "./confirmation.ts";
import { startFanOut } from "./fan-out.ts";
import { createHttpSink } from "./http-sink.ts";
import { mapOfTopics } from "./map.ts";
import { publish, publishBatch } from "./publish.ts";
import { snsLimits } from "./quotas.ts";
import {
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  subscribe,
  unsubscribe,
} from "./subscriptions.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { policyOf, tagsOf } from "./topic.ts";
import { addPermission, removePermission } from "./topic-permissions.ts";
import { createTopicSink } from "./topic-sink.ts";
import {
  createTopic,
  deleteTopic,
  getTopicAttributes,
  listTopics,
  setTopicAttributes,
  startForgetting,
} from "./topics.ts";

export { followLink, isLink } from "./links.ts";
export { listDeadLetterSubscriptions, redriveToSubscription } from "./redrive.ts";

export const sns: Service = {
  map: mapOfTopics,
  operations: {
    sns: {
      CreateTopic: createTopic,
      DeleteTopic: deleteTopic,
      ListTopics: listTopics,
      GetTopicAttributes: getTopicAttributes,
      SetTopicAttributes: setTopicAttributes,
      AddPermission: addPermission,
      RemovePermission: removePermission,
      Subscribe: subscribe,
      ConfirmSubscription: confirmSubscription,
      Unsubscribe: unsubscribe,
      ListSubscriptions: listSubscriptions,
      ListSubscriptionsByTopic: listSubscriptionsByTopic,
      GetSubscriptionAttributes: getSubscriptionAttributes,
      SetSubscriptionAttributes: setSubscriptionAttributes,
      Publish: publish,
      PublishBatch: publishBatch,
      TagResource: tagResource,
      UntagResource: untagResource,
      ListTagsForResource: listTagsForResource,
    },
  },
  policies: { sns: policyOf },
  tags: { sns: tagsOf },
  limits: snsLimits,
  async start(platform) {
    platform.flow.sink("sns", "", createTopicSink(platform));
    platform.flow.sink("sns-subscription", "", createHttpSink(platform));
    startFanOut(platform);
    startForgetting(platform);
    startExpiry(platform);
  },
};
