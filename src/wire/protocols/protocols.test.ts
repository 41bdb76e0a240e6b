import assert from "node:assert/strict";
import { test } from "node:test";
import { cbor, tag } from "@smithy/core/cbor";
import { loadModel } from "../../models/catalog.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import { SeededIds } from "../../time/ids.ts";
import { decodeInput, encodeError, encodeOutput } from "../codec.ts";
import type { RawRequest } from "../raw-message.ts";
import { Refusal } from "../refusal.ts";

const ids = new SeededIds("protocols");

function request(parts: Partial<Omit<RawRequest, "body">> & { body?: string | Buffer }): RawRequest {
  return { method: "POST", path: "/", query: "", headers: {}, ...parts, body: Buffer.from(parts.body ?? "") };
}

/** Decodes, and answers with what the client gets when that fails. */
function refusal(model: string, operation: string, sent: RawRequest, labels: Record<string, string> = {}) {
  try {
    const input = decodeInput(loadModel(model), operation, labels, sent, ids);
    assert.fail(`accepted as ${JSON.stringify(input)}`);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    const { status, headers, body } = encodeError(loadModel(model), operation, error, sent, "id");
    assert.ok(body instanceof Uint8Array);
    return { status, type: headers["x-amzn-errortype"], text: body.toString("utf8") };
  }
}

const json11 = { "content-type": "application/x-amz-json-1.1" };
const putRecord = (body: string) => refusal("kinesis", "PutRecord", request({ headers: json11, body }));

test("bodies that are not JSON, or not of the model's types, are serialization errors in the framework's words", () => {
  const cases: [body: string, message: string][] = [
    ["{", "Could not parse request body into json"],
    ["[]", "Start of list found where not expected"],
    ['"x"', "Expected null"],
    [
      '{"StreamName":1}',
      "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
    ],
    ['{"StreamName":{}}', "Start of structure or map found where not expected."],
    ['{"StreamName":[]}', "Start of list found where not expected"],
    ['{"Data":true}', "class java.lang.Boolean can not be converted to a Blob"],
    ['{"Data":"AAA"}', "'AAA' can not be converted to a Blob: it is not valid Base64"],
    ['{"Data":"A-_="}', "'A-_=' can not be converted to a Blob: it is not valid Base64"],
    ['{"Data":"AA A"}', "'AA A' can not be converted to a Blob: it is not valid Base64"],
  ];
  for (const [body, message] of cases) {
    const { status, text } = putRecord(body);
    assert.deepEqual([status, JSON.parse(text)], [400, { __type: "SerializationException", message }], body);
  }
  const latin1 = refusal(
    "kinesis",
    "PutRecord",
    request({ headers: json11, body: Buffer.from('{"StreamName":"\u00ff"}', "latin1") }),
  );
  assert.match(latin1.text, /SerializationException/);
});

test("numbers must be finite, whole where the model says so, and fit their type", () => {
  const limit = (value: string) =>
    refusal("kinesis", "GetRecords", request({ body: `{"ShardIterator":"a","Limit":${value}}` }));
  for (const value of ["1.5", "1e999", "2147483648", '"7"', "1e10"])
    assert.match(limit(value).text, /SerializationException/, value);
  assert.match(limit("10001").text, /at 'limit' failed .* less than or equal to 10000/);
  const long = decodeInput(
    loadModel("logs"),
    "GetLogEvents",
    {},
    request({ body: '{"logStreamName":"s","startTime":1763700000000}' }),
    ids,
  );
  assert.deepEqual(long, { logStreamName: "s", startTime: 1763700000000 });
});

test("timestamps are taken in any of their forms, and refused where there is no such time", () => {
  const at = (timestamp: string): unknown => {
    const body = `{"ShardId":"shardId-000000000000","ShardIteratorType":"AT_TIMESTAMP","StreamName":"s","Timestamp":${timestamp}}`;
    return decodeInput(loadModel("kinesis"), "GetShardIterator", {}, request({ body }), ids);
  };
  const expected = new Date("2026-11-21T10:00:00.500Z");
  for (const form of [
    "1795255200.5",
    '"2026-11-21T10:00:00.500Z"',
    '"2026-11-21T11:00:00.5+01:00"',
    '"1795255200.5"',
  ]) {
    assert.deepEqual((at(form) as { Timestamp: Date }).Timestamp, expected, form);
  }
  for (const form of ["1e18", '"2026-02-30T00:00:00Z"', '"2026-13-01T00:00:00Z"', '"soon"', "true", "{}"]) {
    assert.throws(() => at(form), { code: "SerializationException" }, form);
  }
});

test("nulls are absent, unknown members ignored, and keys are only data", () => {
  const body = '{"Name":"r","EventPattern":null,"Surprise":1,"Tags":null,"__proto__":{"State":"DISABLED"}}';
  assert.deepEqual(decodeInput(loadModel("events"), "PutRule", {}, request({ body }), ids), { Name: "r" });

  const tagged = decodeInput(
    loadModel("kinesis"),
    "AddTagsToStream",
    {},
    request({ body: '{"StreamName":"s","Tags":{"__proto__":"x","a":null}}' }),
    ids,
  ) as { Tags: object };
  assert.deepEqual(Object.entries(tagged.Tags), [["__proto__", "x"]]);
  assert.equal(Object.getPrototypeOf(tagged.Tags), Object.prototype);
});

test("nesting has a bound", () => {
  const nested = `${'{"OrConditions":['.repeat(100_000)}${"]}".repeat(100_000)}`;
  const body = `{"InstanceId":"0b7f2e2c-6f0a-4c59-9d7e-2f1c7d1f5a10","SearchCriteria":${nested}}`;
  const { status, type } = refusal("connect", "SearchQueues", request({ body }));
  assert.deepEqual([status, type], [400, "InvalidRequestException"]);
});

const cborHeaders = { "content-type": "application/x-amz-cbor-1.1" };

test("Kinesis reads CBOR with bytes, tagged milliseconds and indefinite lengths, and answers in CBOR", () => {
  const model = loadModel("kinesis");
  const body = Buffer.from(cbor.serialize({ StreamName: "s", PartitionKey: "p", Data: Buffer.from("hello") }));
  const put = decodeInput(model, "PutRecord", {}, request({ headers: cborHeaders, body }), ids);
  assert.deepEqual(put, { StreamName: "s", PartitionKey: "p", Data: Buffer.from("hello") });

  // {_ "StreamName": (_ "s"), "Records": [_ {_ "Data": (_ h'00', h'ff'), "PartitionKey": "p"}]}
  const indefinite = Buffer.from(
    "bf6a53747265616d4e616d657f6173ff675265636f7264739fbf64446174615f410041ffff6c506172746974696f6e4b65796170ffffff",
    "hex",
  );
  const records = decodeInput(model, "PutRecords", {}, request({ headers: cborHeaders, body: indefinite }), ids);
  assert.deepEqual(records, { StreamName: "s", Records: [{ Data: Buffer.from([0, 255]), PartitionKey: "p" }] });

  const arrival = new Date("2026-11-21T10:00:00.123Z");
  const iterator = cbor.serialize({
    StreamName: "s",
    ShardId: "shardId-0",
    ShardIteratorType: "AT_TIMESTAMP",
    Timestamp: tag({ tag: 1, value: arrival.getTime() }),
  });
  const decoded = decodeInput(
    model,
    "GetShardIterator",
    {},
    request({ headers: cborHeaders, body: Buffer.from(iterator) }),
    ids,
  );
  assert.deepEqual((decoded as { Timestamp: Date }).Timestamp, arrival);

  const record = {
    SequenceNumber: "1",
    Data: Buffer.from("hello"),
    PartitionKey: "p",
    ApproximateArrivalTimestamp: arrival,
  };
  const answer = encodeOutput(model, "GetRecords", { Records: [record] }, request({ headers: cborHeaders }), "id");
  assert.equal(answer.headers["content-type"], "application/x-amz-cbor-1.1");
  const read = cbor.deserialize(answer.body as Buffer) as {
    Records: { Data: Uint8Array; ApproximateArrivalTimestamp: { value: number } }[];
  };
  const [first] = read.Records;
  assert.deepEqual(Buffer.from(first?.Data ?? []), Buffer.from("hello"));
  assert.equal(first?.ApproximateArrivalTimestamp.value, arrival.getTime());
});

test("errors of a CBOR request are CBOR, also for a body that is not", () => {
  const sent = request({ headers: cborHeaders, body: Buffer.from([0xbf, 0xff, 0x9b, 255, 255, 255, 255]) });
  for (const body of [Buffer.from([0x5a, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0xff]), Buffer.alloc(200_000, 0x81)]) {
    assert.throws(() => decodeInput(loadModel("kinesis"), "PutRecord", {}, { ...sent, body }, ids), {
      code: "SerializationException",
    });
  }
  const error = new ModeledError("ResourceNotFoundException", "Stream s under account 111122223333 not found.");
  const { status, body } = encodeError(loadModel("kinesis"), "PutRecord", error, sent, "id");
  assert.equal(status, 400);
  assert.deepEqual(cbor.deserialize(body as Buffer), {
    __type: "ResourceNotFoundException",
    message: "Stream s under account 111122223333 not found.",
  });
});

test("labels are decoded once, and bad percent-encoding is refused", () => {
  const arn = "arn:aws:connect:us-east-1:111122223333:instance/i/agent/a";
  const labels = { resourceArn: encodeURIComponent(arn) };
  const tags = request({ method: "POST", path: `/tags/${labels.resourceArn}`, body: '{"tags":{"a":"b"}}' });
  assert.deepEqual(decodeInput(loadModel("connect"), "TagResource", labels, tags, ids), {
    resourceArn: arn,
    tags: { a: "b" },
  });
  const { status, type } = refusal("connect", "TagResource", tags, { resourceArn: "%zz" });
  assert.deepEqual([status, type], [400, "InvalidRequestException"]);
});

test("lists in a query repeat their name, and numbers there must be numbers", () => {
  const list = (query: string) => request({ method: "GET", query });
  const labels = { InstanceId: "0b7f2e2c-6f0a-4c59-9d7e-2f1c7d1f5a10" };
  const input = decodeInput(
    loadModel("connect"),
    "ListQueues",
    labels,
    list("queueTypes=STANDARD&queueTypes=AGENT&maxResults=5&x=1"),
    ids,
  );
  assert.deepEqual(input, { ...labels, QueueTypes: ["STANDARD", "AGENT"], MaxResults: 5 });
  for (const query of ["maxResults=many", "maxResults=", "maxResults=1.5", "queueTypes=%", "nextToken=%ff"]) {
    assert.equal(refusal("connect", "ListQueues", list(query), labels).status, 400, query);
  }
});

test("Connect says InvalidRequest or InvalidParameter, or the one of them that the operation models", () => {
  const rule = (body: string) => refusal("connect", "CreateQueue", request({ body }), { InstanceId: "i" });
  assert.equal(rule("{").type, "InvalidRequestException");
  assert.equal(rule("{}").type, "InvalidRequestException");
  assert.equal(rule(`{"Name":"","HoursOfOperationId":"h"}`).type, "InvalidParameterException");
  assert.deepEqual(JSON.parse(rule(`{"Name":"","HoursOfOperationId":"h"}`).text), {
    Message:
      "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
  });
  const stop = refusal(
    "connect",
    "StopContact",
    request({ body: `{"InstanceId":"${"i".repeat(101)}","ContactId":"c"}` }),
  );
  assert.ok(loadModel("connect").operations.StopContact?.errors?.includes(String(stop.type)));
});

test("an exception whose shape has no text gets none", () => {
  const error = new ModeledError("InvalidContactFlowException", "never seen", { problems: [{ message: "Bad block" }] });
  const { status, headers, body } = encodeError(loadModel("connect"), "CreateContactFlow", error, request({}), "id");
  assert.deepEqual(
    [status, headers["x-amzn-errortype"], JSON.parse(body.toString())],
    [400, "InvalidContactFlowException", { problems: [{ message: "Bad block" }] }],
  );
});

test("Lambda's errors name the fault and are spelled both ways; members of the head are headers", () => {
  const error = new ModeledError("TooManyRequestsException", "Rate exceeded", { retryAfterSeconds: "1" });
  const { status, headers, body } = encodeError(loadModel("lambda"), "Invoke", error, request({}), "id");
  assert.equal(status, 429);
  assert.equal(headers["retry-after"], "1");
  const { message, Type } = JSON.parse(body.toString());
  assert.deepEqual([message, Type], ["Rate exceeded", "User"]);
  const notModelled = encodeError(
    loadModel("lambda"),
    "Invoke",
    new ModeledError("ValidationException", "No"),
    request({}),
    "id",
  );
  assert.deepEqual(JSON.parse(notModelled.body.toString()), { Message: "No", message: "No", Type: "User" });
});

test("SQS errors carry the code of the query protocol", () => {
  const error = new ModeledError("QueueDoesNotExist", "The specified queue does not exist.");
  const sent = request({
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.GetQueueUrl" },
  });
  const { status, headers, body } = encodeError(loadModel("sqs"), "GetQueueUrl", error, sent, "id");
  assert.equal(status, 400);
  assert.equal(headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender");
  assert.deepEqual(JSON.parse(body.toString()), {
    __type: "com.amazonaws.sqs#QueueDoesNotExist",
    message: "The specified queue does not exist.",
  });
  const missing = refusal("sqs", "GetQueueUrl", { ...sent, body: Buffer.from("{}") });
  assert.deepEqual(JSON.parse(missing.text), {
    __type: "com.amazonaws.sqs#MissingParameter",
    message: "The request must contain the parameter QueueName.",
  });
  const receive = { ...sent, body: Buffer.from('{"QueueUrl":"q","MessageSystemAttributeNames":["All","Colour"]}') };
  assert.deepEqual(JSON.parse(refusal("sqs", "ReceiveMessage", receive).text), {
    __type: "com.amazonaws.sqs#InvalidAttributeName",
    message: "Unknown Attribute Colour.",
  });
});

test("SQS still speaks the query protocol, under its own names", () => {
  const model = loadModel("sqs");
  const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const body =
    "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=http%3A%2F%2Flocalhost%2F111122223333%2Fq" +
    "&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=one+two" +
    "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String" +
    "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=two";
  assert.deepEqual(decodeInput(model, "SendMessageBatch", {}, request({ headers: form, body }), ids), {
    QueueUrl: "http://localhost/111122223333/q",
    Entries: [
      { Id: "a", MessageBody: "one two", MessageAttributes: { n: { DataType: "String", StringValue: "v" } } },
      { Id: "b", MessageBody: "two" },
    ],
  });
  const output = { Messages: [{ MessageId: "m", Body: "<a>", Attributes: { SentTimestamp: "1" } }] };
  const answer = encodeOutput(model, "ReceiveMessage", output, request({ headers: form }), "request-1");
  assert.equal(
    answer.body.toString(),
    '<ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult>' +
      "<Message><MessageId>m</MessageId><Body>&lt;a&gt;</Body><Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute></Message>" +
      "</ReceiveMessageResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></ReceiveMessageResponse>",
  );
  const error = encodeError(
    model,
    "ReceiveMessage",
    new ModeledError("QueueDoesNotExist", "Gone."),
    request({ headers: form }),
    "request-1",
  );
  assert.match(
    error.body.toString(),
    /<Type>Sender<\/Type><Code>AWS.SimpleQueueService.NonExistentQueue<\/Code><Message>Gone.<\/Message>/,
  );
});

test("STS answers and refuses in XML", () => {
  const model = loadModel("sts");
  const answer = encodeOutput(model, "GetCallerIdentity", { Account: "111122223333" }, request({}), "request-1");
  assert.equal(
    answer.body.toString(),
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
      "<Account>111122223333</Account></GetCallerIdentityResult>" +
      "<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
  );
  const { status, text } = refusal("sts", "AssumeRole", request({ body: "Action=AssumeRole&RoleArn=short" }));
  assert.equal(status, 400);
  assert.match(
    text,
    /<Code>ValidationError<\/Code><Message>2 validation errors detected: Value 'short' at 'roleArn' failed/,
  );
  assert.match(
    refusal("sts", "AssumeRole", request({ body: "DurationSeconds=%zz" })).text,
    /<Code>MalformedQueryString<\/Code>/,
  );
});

test("S3's errors name what they are about, and a HEAD has no body", () => {
  const error = new ModeledError("NoSuchKey", "The specified key does not exist.", { Key: "a&b" });
  const got = encodeError(loadModel("s3"), "GetObject", error, request({ method: "GET" }), "id");
  assert.equal(got.status, 404);
  assert.match(
    got.body.toString(),
    /<Code>NoSuchKey<\/Code><Message>The specified key does not exist.<\/Message><Key>a&amp;b<\/Key><RequestId>id</,
  );
  assert.equal(
    encodeError(loadModel("s3"), "HeadObject", error, request({ method: "HEAD" }), "id").body.toString(),
    "",
  );
});

test("XML that is malformed, or declares a document type, is refused", () => {
  const tagging = (body: string) =>
    refusal("s3", "PutBucketTagging", request({ method: "PUT", body }), { Bucket: "b" });
  const entity =
    '<!DOCTYPE x [<!ENTITY a "b">]><Tagging><TagSet><Tag><Key>&a;</Key><Value>v</Value></Tag></TagSet></Tagging>';
  for (const body of ["<Tagging", "{}", "<a></b>", "text", entity]) {
    assert.match(tagging(body).text, /<Code>MalformedXML<\/Code>/, body);
  }
});

test("a failure of ours is the service's internal error and says nothing of its cause", () => {
  const secret = new Error("password=hunter2");
  const expected: [model: string, operation: string, type: string][] = [
    ["connect", "CreateRule", "InternalServiceException"],
    ["kinesis", "PutRecord", "InternalFailure"],
    ["events", "PutEvents", "InternalException"],
    ["sts", "GetCallerIdentity", "InternalFailure"],
    ["s3", "PutObject", "InternalError"],
  ];
  for (const [model, operation, type] of expected) {
    const { status, headers, body } = encodeError(loadModel(model), operation, secret, request({}), "id");
    assert.equal(status, 500);
    assert.match(`${headers["x-amzn-errortype"]} ${body.toString()}`, new RegExp(type));
    assert.doesNotMatch(body.toString(), /hunter2/);
  }
});

test("what the front door refuses has the status that it says, whether or not the service is known", () => {
  const tooLarge = new Refusal(413, "RequestEntityTooLargeException", "Request size exceeded.");
  assert.equal(encodeError(loadModel("kinesis"), undefined, tooLarge, request({}), "id").status, 413);
  const unknown = encodeError(undefined, undefined, tooLarge, request({ headers: { "x-amz-target": "A.B" } }), "id");
  assert.deepEqual(JSON.parse(unknown.body.toString()), {
    __type: "RequestEntityTooLargeException",
    message: "Request size exceeded.",
  });
});

test("an output that does not fit its model is our own mistake", () => {
  const model = loadModel("kinesis");
  assert.throws(() => encodeOutput(model, "PutRecord", { ShardId: 7 }, request({}), "id"), assert.AssertionError);
  assert.throws(() => encodeOutput(model, "PutRecord", undefined, request({}), "id"), assert.AssertionError);
  const { body } = encodeOutput(
    model,
    "PutRecord",
    { ShardId: "s", Surprise: 1, SequenceNumber: undefined },
    request({}),
    "id",
  );
  assert.equal(body.toString(), '{"ShardId":"s"}');
});

test("missing idempotency tokens are filled in", () => {
  const body = '{"Name":"n","HoursOfOperationId":"h","ClientToken":null}';
  const model = loadModel("connectcases");
  const filled = decodeInput(
    model,
    "CreateCase",
    { domainId: "d" },
    request({ body: '{"templateId":"t","fields":[]}' }),
    ids,
  );
  assert.match(String((filled as { clientToken?: string }).clientToken), /^[0-9a-f-]{36}$/, body);
});
