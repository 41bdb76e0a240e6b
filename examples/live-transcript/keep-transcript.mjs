/**
 * Keeps the transcript of each call as one object in S3, as it grows.
 *
 * All records of a call have one partition key, and a mapping gives a function one batch of a key at a time, in order: so the object can
 * be read, changed and written without a lock. A batch may come twice; turns have ids, and the second time changes nothing.
 */
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const Bucket = process.env.BUCKET;
const s3 = new S3Client({ forcePathStyle: true });

export async function handler({ Records }) {
  const events = Records.map(({ kinesis }) => JSON.parse(Buffer.from(kinesis.data, "base64").toString("utf8")));
  for (const [contactId, told] of Map.groupBy(events, ({ ContactId }) => ContactId)) {
    const call = await readCall(contactId);
    for (const event of told) apply(event, call);
    const object = { Bucket, Key: keyOf(contactId), ContentType: "application/json", Body: JSON.stringify(call) };
    await s3.send(new PutObjectCommand(object));
  }
}

/** `Utterance` segments are parts of a turn that goes on; the finished turn follows them, with its sentiment. */
function apply({ EventType, Segments = [] }, call) {
  call.isOver = EventType === "COMPLETED" || EventType === "FAILED";
  for (const { Transcript, Categories } of Segments) {
    if (Transcript && !call.turns.some(({ id }) => id === Transcript.Id)) {
      call.turns.push({
        id: Transcript.Id,
        speaker: Transcript.ParticipantRole,
        text: Transcript.Content,
        beginMs: Transcript.BeginOffsetMillis,
        sentiment: Transcript.Sentiment,
        issues: (Transcript.IssuesDetected ?? []).map(({ CharacterOffsets }) => CharacterOffsets),
      });
    }
    if (Categories) call.categories = [...new Set([...call.categories, ...Categories.MatchedCategories])];
  }
}

async function readCall(contactId) {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: keyOf(contactId) }));
    return JSON.parse(await Body.transformToString());
  } catch (error) {
    if (error.name !== "NoSuchKey") throw error;
    return { contactId, turns: [], categories: [], isOver: false };
  }
}

function keyOf(contactId) {
  return `transcripts/${contactId}.json`;
}
