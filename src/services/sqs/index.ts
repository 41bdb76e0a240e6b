import type { Service } from "../service.ts";
import { changeMessageVisibility, changeMessageVisibilityBatch } from "./change-message-visibility.ts";
import { deleteMessage, deleteMessageBatch } from "./delete-message.ts";
import { mapOfQueues } from "./map.ts";
import {
  cancelMessageMoveTask,
  listMessageMoveTasks,
  registerMoveTimer,
  startMessageMoveTask,
} from "./message-move-tasks.ts";
import { registerMessageTimers } from "./messages.ts";
import { addPermission, removePermission } from "./permissions.ts";
import { policyOf, tagsOf } from "./queue.ts";
import { getQueueAttributes, setQueueAttributes } from "./queue-attributes.ts";
import {
  createQueue,
  deleteQueue,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  purgeQueue,
  registerDeletionTimer,
} from "./queues.ts";
import { receiveMessage } from "./receive-message.ts";
import { sendMessage, sendMessageBatch } from "./send-message.ts";
import { createSqsSink } from "./sink.ts";
import { listQueueTags, tagQueue, untagQueue } from "./tags.ts";

export {
  findSeen,
  listQueueStatuses,
  lookIntoQueue,
  putInto,
  type QueueStatus,
  queueStatus,
  type SeenMessage,
  takeOut,
} from "./look-into-queue.ts";
export { attributeMs, findQueueByArn, type Queue, queueArn } from "./queue.ts";
export { deleteTaken, peekQueue, type TakenMessage, takeMessages, watchQueue } from "./take-messages.ts";

export const sqs: Service = {
  map: mapOfQueues,
  operations: {
    sqs: {
      AddPermission: addPermission,
      CancelMessageMoveTask: cancelMessageMoveTask,
      ChangeMessageVisibility: changeMessageVisibility,
      ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
      CreateQueue: createQueue,
      DeleteMessage: deleteMessage,
      DeleteMessageBatch: deleteMessageBatch,
      DeleteQueue: deleteQueue,
      GetQueueAttributes: getQueueAttributes,
      GetQueueUrl: getQueueUrl,
      ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
      ListQueues: listQueues,
      ListMessageMoveTasks: listMessageMoveTasks,
      ListQueueTags: listQueueTags,
      PurgeQueue: purgeQueue,
      ReceiveMessage: receiveMessage,
      RemovePermission: removePermission,
      SendMessage: sendMessage,
      SendMessageBatch: sendMessageBatch,
      SetQueueAttributes: setQueueAttributes,
      StartMessageMoveTask: startMessageMoveTask,
      TagQueue: tagQueue,
      UntagQueue: untagQueue,
    },
  },
  policies: { sqs: policyOf },
  tags: { sqs: tagsOf },
  async start(platform) {
    registerMessageTimers(platform);
    registerDeletionTimer(platform);
    registerMoveTimer(platform);
    platform.flow.sink("sqs", "", createSqsSink(platform));
  },
};
