/**
 * Reads the agent event stream and tells the supervisors' topic of an agent who has been in a state for too long, or misses calls.
 *
 * An agent of whom nothing else is told has a heartbeat every two minutes, which carries the present state and since when it is: so "longer
 * than" needs no clock of its own, and is noticed two minutes late at most. An occasion is a state since a time. Which of them
 * the supervisors have been told of is kept in S3, an object for each agent:
 *
 *   agents/ID = { told: ["Break since 2026-03-03T12:00:00.000Z"], missed: [] }
 *
 * The events of an agent come one after the other, so nobody else writes that object meanwhile.
 */
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

const { BUCKET: Bucket, TOPIC: TopicArn } = process.env;
/** Minutes, by state. */
const LIMITS = JSON.parse(process.env.LIMITS);
const MISSED_MAX = 2;
const s3 = new S3Client({ forcePathStyle: true });
const sns = new SNSClient({});

export async function handler({ Records }) {
  for (const { kinesis } of Records) await watch(JSON.parse(Buffer.from(kinesis.data, "base64")));
}

async function watch({ AgentARN, EventTimestamp, CurrentAgentSnapshot: { AgentStatus, Contacts, Configuration } }) {
  const Key = `agents/${AgentARN.split("/").at(-1)}`;
  const known = await read(Key);
  const missed = missedSoFar(known.missed, Contacts);

  const states = [{ name: AgentStatus.Name, since: AgentStatus.StartTimestamp }];
  // A contact that has ended and is still with the agent is worked on.
  for (const { State, StateStartTimestamp } of Contacts) {
    if (State === "ENDED") states.push({ name: "After-contact work", since: StateStartTimestamp });
  }
  const occasions = states
    .filter(({ name, since }) => minutesBetween(since, EventTimestamp) > LIMITS[name])
    .map(({ name, since }) => ({
      key: `${name} since ${since}`,
      text: `more than ${LIMITS[name]} minutes in ${name}`,
    }));
  if (missed.length >= MISSED_MAX) {
    occasions.push({ key: `missed since ${missed[0]}`, text: `${MISSED_MAX} calls missed, and none taken since` });
  }

  for (const { key, text } of occasions) {
    if (known.told.includes(key)) continue;
    const Message = JSON.stringify({ agent: Configuration.Username, what: text, at: EventTimestamp });
    await sns.send(new PublishCommand({ TopicArn, Subject: `${Configuration.Username}: ${text}`, Message }));
  }
  // Written behind what is published: who dies in between tells it twice, and not never. What is over does not come back.
  await write(Key, known, { told: occasions.map(({ key }) => key), missed });
}

/** The calls that an agent has missed one after the other. One that is taken ends it. */
function missedSoFar(missed, contacts) {
  if (contacts.some(({ State }) => State === "CONNECTED")) return [];
  const now = contacts.filter(({ State }) => State === "MISSED");
  return [...new Set([...missed, ...now.map(({ StateStartTimestamp }) => StateStartTimestamp)])];
}

function minutesBetween(from, to) {
  return (Date.parse(to) - Date.parse(from)) / 60_000;
}

async function read(Key) {
  const found = await s3.send(new GetObjectCommand({ Bucket, Key })).catch((error) => {
    if (error.name !== "NoSuchKey") throw error;
  });
  return found ? JSON.parse(await found.Body.transformToString()) : { told: [], missed: [] };
}

async function write(Key, before, after) {
  const Body = JSON.stringify(after);
  if (Body !== JSON.stringify(before)) await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}
