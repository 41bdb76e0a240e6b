/**
 * Writes one CSV for each quarter of an hour, as workforce-management systems read them:
 *
 *   intervals/2026-03-03/0900.csv = interval start, queue, contacts offered, handled, …
 *
 * It does not export "the last interval" but all of the last day that are not there yet, so that whatever was missed (a schedule that
 * was off, Connect or S3 that was away, a bug here) is filled in by the next run, without anybody doing anything. An interval has one
 * key: writing it twice is writing it once.
 *
 * A call counts in the interval in which it ended, but only when its after-contact work is done. So the last hour is always written anew.
 */
import { ConnectClient, GetMetricDataV2Command, paginateListQueues } from "@aws-sdk/client-connect";
import { PutObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";

const { BUCKET: Bucket, INSTANCE_ID: InstanceId, INSTANCE_ARN: ResourceArn } = process.env;
const INTERVAL_MS = 15 * 60_000;
const BACK_MS = 24 * 60 * 60_000;
const REWRITTEN_MS = 60 * 60_000;
const SERVICE_LEVEL_SECONDS = 20;

/** The columns, and the metrics that they are of. */
const COLUMNS = {
  offered: { Name: "CONTACTS_QUEUED" },
  handled: { Name: "CONTACTS_HANDLED" },
  abandoned: { Name: "CONTACTS_ABANDONED" },
  average_handle_seconds: { Name: "AVG_HANDLE_TIME" },
  service_level_percent: {
    Name: "SERVICE_LEVEL",
    Threshold: [{ Comparison: "LT", ThresholdValue: SERVICE_LEVEL_SECONDS }],
  },
};

const NOTHING = [0, 0, 0, "", ""];
const connect = new ConnectClient({});
const s3 = new S3Client({ forcePathStyle: true });

/** `time` is when the schedule was due, which may be long ago when this is tried again. */
export async function handler({ time }) {
  // The schedule is due on the quarter, where an interval ends.
  const endMs = Math.floor(Date.parse(time) / INTERVAL_MS) * INTERVAL_MS;
  const there = await existing(endMs - BACK_MS);
  const starts = Array.from({ length: BACK_MS / INTERVAL_MS }, (_, place) => endMs - BACK_MS + place * INTERVAL_MS);
  const owed = starts.filter((startMs) => startMs >= endMs - REWRITTEN_MS || !there.has(keyOf(startMs)));

  const queues = await queueNames();
  const found = await figures([...queues.keys()], owed[0], endMs);
  await Promise.all(
    owed.map(async (startMs) => {
      const interval = new Date(startMs).toISOString();
      // A queue in which nothing was has a row too: to a forecast, no calls are a figure.
      const rows = [...queues].map(([id, name]) => [
        interval,
        quoted(name),
        ...(found.get(`${interval} ${id}`) ?? NOTHING),
      ]);
      const Body = [["interval", "queue", ...Object.keys(COLUMNS)], ...rows].join("\n");
      await s3.send(new PutObjectCommand({ Bucket, Key: keyOf(startMs), Body: `${Body}\n`, ContentType: "text/csv" }));
    }),
  );
  console.log(`${owed.length} intervals up to ${new Date(endMs).toISOString()}`);
}

async function queueNames() {
  const names = new Map();
  const search = { InstanceId, QueueTypes: ["STANDARD"] };
  for await (const { QueueSummaryList } of paginateListQueues({ client: connect }, search)) {
    for (const { Id, Name } of QueueSummaryList) names.set(Id, Name);
  }
  return names;
}

/** What was, by interval and queue. A request takes at most 100 queues. */
async function figures(queueIds, startMs, endMs) {
  const found = new Map();
  let NextToken;
  do {
    const page = await connect.send(
      new GetMetricDataV2Command({
        ResourceArn,
        StartTime: new Date(startMs),
        EndTime: new Date(endMs),
        Interval: { IntervalPeriod: "FIFTEEN_MIN", TimeZone: "UTC" },
        Filters: [{ FilterKey: "QUEUE", FilterValues: queueIds }],
        Groupings: ["QUEUE"],
        Metrics: Object.values(COLUMNS),
        NextToken,
      }),
    );
    for (const { Dimensions, MetricInterval, Collections } of page.MetricResults) {
      const values = Collections.map(({ Value }) => (Value === undefined ? "" : Math.round(Value * 100) / 100));
      found.set(`${MetricInterval.StartTime.toISOString()} ${Dimensions.QUEUE}`, values);
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

/** The keys of the intervals that are there, from a time on. Keys sort as their times do. */
async function existing(startMs) {
  const keys = new Set();
  const search = { Bucket, Prefix: "intervals/", StartAfter: keyOf(startMs - 1) };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, search)) {
    for (const { Key } of Contents) keys.add(Key);
  }
  return keys;
}

function keyOf(startMs) {
  const [day, time] = new Date(startMs).toISOString().split("T");
  return `intervals/${day}/${time.slice(0, 5).replace(":", "")}.csv`;
}

function quoted(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
