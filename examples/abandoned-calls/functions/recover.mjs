/**
 * Two functions that decide together who is called back. What they know of a caller is one small object in S3:
 *
 *   callers/+4930… = { helpedAt, claimedAt, contactId, taskId }
 *
 * It is only ever written on the condition that it is still what was read (If-Match), so that of two that want to call the same person
 * back one wins, and reads anew what the other has written. A table of DynamoDB with a condition does as well; a FIFO queue does not,
 * since its deduplication ends after five minutes.
 */
import { ConnectClient, StartTaskContactCommand, StopContactCommand } from "@aws-sdk/client-connect";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const { BUCKET: Bucket, INSTANCE_ID: InstanceId, FLOW_ID: ContactFlowId } = process.env;
const HOUR_MS = 3_600_000;
const connect = new ConnectClient({});
const s3 = new S3Client({ forcePathStyle: true });

/** Somebody has waited in vain, some minutes ago. A task for an agent, unless they were helped since or have been claimed within an hour. */
export async function abandoned({ Records: [{ body }] }) {
  const { contactId, customerEndpoint, disconnectTimestamp: abandonedAt, queueInfo } = JSON.parse(body).detail;
  const caller = customerEndpoint?.address;
  if (!caller) return console.log(`${contactId} has withheld the number`);

  const claim = await change(caller, (known) => {
    // Whoever has claimed this very call has died on the way: go on.
    if (known.contactId === contactId) return known;
    const isHelped = known.helpedAt > abandonedAt;
    const isClaimed = Date.parse(abandonedAt) - Date.parse(known.claimedAt) < HOUR_MS;
    return isHelped || isClaimed ? undefined : { ...known, claimedAt: abandonedAt, contactId, taskId: undefined };
  });
  if (!claim) return console.log(`nothing for ${contactId}`);

  const { ContactId: taskId } = await connect.send(
    new StartTaskContactCommand({
      InstanceId,
      ContactFlowId,
      // However often this is tried, it is one task.
      ClientToken: contactId,
      RelatedContactId: contactId,
      Name: `Call back ${caller}`,
      Description: `Waited from ${queueInfo.enqueueTimestamp} to ${abandonedAt}`,
      Attributes: { phone: caller },
    }),
  );
  const { helpedAt } = await change(caller, (known) => ({ ...known, taskId }));
  // They called again while the task was made.
  if (helpedAt > abandonedAt) await stop(taskId);
}

/** Somebody talks to an agent: they need no callback any more. */
export async function helped({ detail: { customerEndpoint, agentInfo } }) {
  const caller = customerEndpoint?.address;
  if (!caller) return;
  const { taskId } = await change(caller, (known) => ({ ...known, helpedAt: agentInfo.connectedToAgentTimestamp }));
  if (taskId) await stop(taskId);
}

async function stop(ContactId) {
  await connect.send(new StopContactCommand({ InstanceId, ContactId })).catch((error) => {
    // The task is done already.
    if (error.name !== "ContactNotFoundException") throw error;
  });
}

/** Replaces what is known of a caller by what `decide` makes of it; undefined leaves it. Answers what is known then. */
async function change(caller, decide) {
  const object = { Bucket, Key: `callers/${caller}` };
  for (;;) {
    const found = await s3.send(new GetObjectCommand(object)).catch((error) => {
      if (error.name !== "NoSuchKey") throw error;
    });
    const next = decide(found ? JSON.parse(await found.Body.transformToString()) : {});
    if (!next) return undefined;
    const condition = found ? { IfMatch: found.ETag } : { IfNoneMatch: "*" };
    try {
      await s3.send(new PutObjectCommand({ ...object, Body: JSON.stringify(next), ...condition }));
      return next;
    } catch (error) {
      if (!["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name)) throw error;
    }
  }
}
