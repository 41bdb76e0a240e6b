/** Kinesis streams of one shard, as tests make and read them. */
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";

/** Makes a stream; answers with its ARN. */
export async function createStream(kinesis: KinesisClient, StreamName: string): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return StreamDescriptionSummary?.StreamARN ?? "";
}

/** All that a stream holds, from its beginning, in order. */
export async function readStream<T>(kinesis: KinesisClient, StreamARN: string): Promise<T[]> {
  const begin = { StreamARN, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(begin));
  const found: T[] = [];
  for (;;) {
    const page = await kinesis.send(new GetRecordsCommand({ StreamARN, ShardIterator }));
    found.push(...(page.Records ?? []).map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString()) as T));
    // Where time stands still nothing is ever behind.
    if (page.MillisBehindLatest === 0 && !page.Records?.length) return found;
    ShardIterator = page.NextShardIterator;
  }
}
