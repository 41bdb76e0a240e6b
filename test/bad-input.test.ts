/**
 * Every operation, given what it should not be given. A bad request gets an error that its service has for the caller's mistakes, and
 * changes nothing; no request at all, however odd, is our own failure.
 *
 * `TRUNKLINE_FULL=1` makes thousands of inputs for each operation. What failed names its seed: `TRUNKLINE_SEED=…` makes the same again.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { catalog, loadModel } from "../src/models/catalog.ts";
import { shapeNamed, structureNamed } from "../src/models/shapes.ts";
import { SeededIds } from "../src/time/ids.ts";
import { type BuiltOperation, builtOperations, errorCodes } from "./built-operations.ts";
import { send, sketchOf } from "./model-call.ts";
import { type Input, invalidInput, validInput } from "./model-inputs.ts";
import { type KnownValues, populate, populateAlone } from "./populated-account.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { type Answer, type Sketch, sendSigned } from "./signed-request.ts";
import { difference, StoredRows } from "./stored-rows.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const SEED = Number(process.env.TRUNKLINE_SEED ?? 1);
/** Inputs to each operation that its model forbids, and that it allows. */
const INVALID_INPUTS = FULL ? 2000 : 2;
const VALID_INPUTS = FULL ? 1000 : 2;
/** Of the broken bodies, and of the bad inputs to what is not built, the ordinary run sends one in so many. */
const ONE_IN = FULL ? 1 : 12;
/** Of the operations that take something away, the ordinary run gives one in so many a world of its own; the others share what is left. */
const OWN_WORLD_ONE_IN = FULL ? 1 : 32;
/** Inputs to each operation that are made odd, in four ways each. */
const ODD_INPUTS = FULL ? 250 : 1;

const folder = temporaryFolder();
const server = await startTrunkline("--data", folder);
const known = await populate(server.url);
await server.advance("PT0S");
const rows = new StoredRows(folder);
const name = ({ model, operation }: BuiltOperation): string => `${model.name} ${operation}`;

test("what the model forbids is refused with an error that the service has, and changes nothing", async (t) => {
  const codes = new Map<string, number>();
  for (const built of builtOperations) {
    const arbitrary = invalidInput(built.model, built.operation);
    if (arbitrary === undefined) continue;
    for (const { input, wrong } of fc.sample(arbitrary, { numRuns: INVALID_INPUTS, seed: SEED })) {
      const fault = wrong.split(/[.:]/)[0] as string;
      // Without what tells it from the others of its route, a request is another one.
      if (OF_THE_BODY.test(fault) || (wrong.endsWith(": missing") && sharesItsRoute(built))) continue;
      const sketch = sketchOf(built.model.name, built.operation, withKnown(built, truthful(input), fault));
      const { code = "" } = await unchanged(`${wrong} in ${name(built)}`, () => refused(built, sketch, wrong));
      count(codes, code);
    }
  }
  t.diagnostic(`seed ${SEED}; ${total(codes)} inputs refused: ${shown(codes)}`);
});

test("a body that is broken is refused with an error that the service has, and changes nothing", async (t) => {
  const codes = new Map<string, number>();
  for (const built of builtOperations) {
    const [valid] = validInputs(built, 1);
    const sketch = sketchOf(built.model.name, built.operation, valid ?? {});
    for (const [broken, change] of brokenBodies(built, sketch)) {
      if (chance.below(ONE_IN) > 0) continue;
      const { code = "" } = await unchanged(`${broken} for ${name(built)}`, () =>
        refused(built, { ...sketch, ...change }, broken),
      );
      count(codes, code);
    }
  }
  t.diagnostic(`seed ${SEED}; ${total(codes)} bodies refused: ${shown(codes)}`);
});

test("targets, actions and paths that nobody has are refused, and change nothing", async () => {
  const json = (service: string, target: string): Sketch => ({
    service,
    headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.1" },
    body: "{}",
  });
  for (const { targetPrefix, signingName } of catalog) {
    if (targetPrefix === undefined) continue;
    for (const operation of [
      "Nothing",
      "",
      "__proto__",
      "constructor",
      "toString",
      "putrecord",
      "é",
      "x".repeat(5000),
    ]) {
      const target: string = Buffer.from(`${targetPrefix}.${operation}`).toString("latin1");
      const answer = await unchanged(target, () => sendSigned(server.url, json(signingName, target)));
      assert.deepEqual([answer.status, answer.code], [400, "UnknownOperationException"], target);
    }
  }
  for (const Action of ["Nothing", "__proto__", "constructor"]) {
    for (const service of ["sqs", "sts", "iam"]) {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const sketch = { service, headers, body: new URLSearchParams({ Action }).toString() };
      const answer = await unchanged(Action, () => sendSigned(server.url, sketch));
      assert.equal(answer.status, 400, `${service} ${Action}`);
    }
  }
  for (const path of ["/nothing", "/instance/..%2f..", "/%00", "/%ff%fe", "/__proto__", `/${"x".repeat(8000)}`]) {
    for (const method of ["GET", "PUT", "POST", "DELETE", "PATCH"]) {
      const answer = await unchanged(path, () => sendSigned(server.url, { service: "connect", method, path }));
      assert.ok(isRefusal(answer), `${method} ${path}: ${answer.status}`);
    }
  }
});

test("odd texts, keys, types and forms are answered, whatever they come to", async (t) => {
  const statuses = new Map<string, number>();
  for (const built of inDestructiveOrder()) {
    for (const input of validInputs(built, ODD_INPUTS)) {
      const contentType = chance.pick(ODD_CONTENT_TYPES);
      const usual = sketchOf(built.model.name, built.operation, withKnown(built, input));
      const odd = sketchOf(built.model.name, built.operation, withKnown(built, withOddText(built, input)));
      const typed = { ...usual, headers: { ...usual.headers, "content-type": contentType } };
      for (const sketch of [odd, withOddKeys(usual), typed, ...oddForms(built)]) {
        // The SDK's signer leaves a parameter of this name out of what it signs.
        if (sketch.query?.includes("__proto__=")) continue;
        count(statuses, await answered(built, sketch));
      }
    }
  }
  t.diagnostic(`seed ${SEED}; answers by status: ${shown(statuses)}`);
});

test("whatever the model allows is answered, and never with a failure of ours", async (t) => {
  const statuses = new Map<string, number>();
  for (const [place, built] of inDestructiveOrder().entries()) {
    // What an operation of these takes away is there again for the next one.
    const label = `w${place}-${built.model.name}-${built.operation}`.slice(0, 32).toLowerCase();
    const isOwn = DESTRUCTIVE.test(built.operation) && place % OWN_WORLD_ONE_IN === SEED % OWN_WORLD_ONE_IN;
    const world = isOwn ? await anotherWorld(built, label) : known;
    for (const input of validInputs(built, VALID_INPUTS)) {
      const sketch = sketchOf(built.model.name, built.operation, withKnown(built, input, undefined, world));
      count(statuses, await answered(built, sketch));
    }
  }
  t.diagnostic(`seed ${SEED}; answers by status: ${shown(statuses)}`);
});

test("what is not built says so by name, and bad input to it is refused like any other", async (t) => {
  const built = new Set(builtOperations.map(name));
  const missing = catalog.flatMap(({ name: modelName }) => {
    const model = loadModel(modelName);
    return Object.entries(model.operations).map(([operation, definition]) => ({ model, operation, definition }));
  });
  let [unbuilt, refusals] = [0, 0];
  for (const operation of missing) {
    if (built.has(name(operation)) || operation.definition.auth === "none" || sharesItsRoute(operation)) continue;
    for (const valid of validInputs(operation, FULL ? 20 : 1)) {
      const input = truthful(valid);
      // A path that has dot segments is another path.
      if (/\/\.\.?(\/|$)/.test(sketchOf(operation.model.name, operation.operation, input).path ?? "")) continue;
      const answer = await send(server.url, operation.model.name, operation.operation, input);
      assert.equal(answer.status, 501, `${name(operation)} ${JSON.stringify(input)}: ${answer.status} ${answer.body}`);
      if (operation.definition.method !== "HEAD") {
        const { serviceId } = operation.model;
        assert.match(String(answer.body), new RegExp(`${serviceId} ${operation.operation} is not built`));
      }
      unbuilt++;
    }
    const arbitrary = invalidInput(operation.model, operation.operation);
    if (arbitrary === undefined || chance.below(ONE_IN) > 0) continue;
    for (const { input, wrong } of fc.sample(arbitrary, { numRuns: FULL ? 100 : 1, seed: SEED })) {
      const answer = await send(server.url, operation.model.name, operation.operation, input);
      assert.ok(isRefusal(answer), `${name(operation)}, ${wrong}: ${answer.status} ${answer.body}`);
      refusals++;
    }
  }
  t.diagnostic(`seed ${SEED}; ${unbuilt} inputs to what is not built, ${refusals} refused`);
});

/** Some operations of S3 have the route of another one, which then is the one that is asked. */
function sharesItsRoute({ model, definition: { method, uri } }: BuiltOperation): boolean {
  const sharing = Object.values(model.operations).filter((other) => other.method === method && other.uri === uri);
  return model.protocol === "rest-xml" && sharing.length > 1;
}

const DESTRUCTIVE = /^(Delete|Deregister|Purge|Stop|DisconnectParticipant)/;

async function anotherWorld({ model }: BuiltOperation, label: string): Promise<KnownValues> {
  const own = await populateAlone(server.url, model.name, label);
  return own === undefined ? populate(server.url, label) : { ...known, [model.name]: own };
}

/** Operations that take away what others need come last. */
function inDestructiveOrder(): readonly BuiltOperation[] {
  const isDestructive = ({ operation }: BuiltOperation): boolean => DESTRUCTIVE.test(operation);
  return [...builtOperations.filter((built) => !isDestructive(built)), ...builtOperations.filter(isDestructive)];
}

/** Chance that a seed repeats. */
const random = new SeededIds(`bad-input ${SEED}`);
const chance = {
  below: (bound: number): number => Math.floor(random.random() * bound),
  pick: <T>(from: readonly T[]): T => from[chance.below(from.length)] as T,
};

function validInputs({ model, definition }: Omit<BuiltOperation, "operation">, count: number): readonly Input[] {
  if (definition.input === undefined) return [{}];
  return fc.sample(validInput(model, definition.input), { numRuns: count, seed: SEED }).map(truthful);
}

/** These members of S3 must be true of the body, which the model does not say. */
const OF_THE_BODY = /^(Checksum(?!Mode|Type)|Content(MD5|Length))/;

function truthful(input: Input): Input {
  return Object.fromEntries(Object.entries(input).filter(([member]) => !OF_THE_BODY.test(member)));
}

/** An input that names what is there, but for the member that is to stay as it is. */
function withKnown(built: BuiltOperation, input: Input, except?: string, world: KnownValues = known): Input {
  const shape = built.definition.input === undefined ? undefined : structureNamed(built.model, built.definition.input);
  const changed = { ...input };
  for (const [member, values] of Object.entries(world[built.model.name] ?? {})) {
    if (shape?.members[member] === undefined || member === except) continue;
    const isWanted = shape.required?.includes(member) || member === "WaitTimeSeconds" || chance.below(2) === 0;
    if (isWanted) changed[member] = chance.pick(values);
  }
  return changed;
}

/** A log of which nothing is kept that has been read: it is trimmed at any time. */
const READ_AND_TRIMMED = '"log":"customer-profiles.matching"';

let before = { version: rows.version(), rows: rows.all() };

/** Does something that may change nothing in the store. */
async function unchanged<R>(what: string, act: () => Promise<R>): Promise<R> {
  const result = await act();
  const version = rows.version();
  if (version !== before.version) {
    const now = rows.all();
    const changed = difference(before.rows, now).filter((row) => !row.includes(READ_AND_TRIMMED));
    assert.deepEqual(changed, [], what);
    before = { version, rows: now };
  }
  return result;
}

async function refused(
  { model, operation, definition }: BuiltOperation,
  sketch: Sketch,
  wrong: string,
): Promise<Answer> {
  const answer = await sendSigned(server.url, sketch);
  const what = `${wrong} in ${model.name} ${operation} ${sketch.path}?${sketch.query} ${brief(sketch.body)}`;
  assert.ok(isRefusal(answer), `${what}: ${answer.status} ${brief(answer.body)}`);
  // Which of several things that are wrong is told is the service's affair.
  const isUnmodelled = UNMODELLED.has(`${model.name} ${answer.code}`);
  const isKnown = errorCodes(model, operation).has(answer.code ?? "") || definition.method === "HEAD" || isUnmodelled;
  assert.ok(isKnown, `${what}: ${answer.code} ${brief(answer.body)}`);
  return answer;
}

/** Their answers go on until the caller has had enough. */
const ENDLESS: ReadonlySet<string> = new Set(["SubscribeToShard", "StartLiveTail"]);

/** Sends what may be right or wrong, and gives back the status. */
async function answered({ model, operation, definition }: BuiltOperation, sketch: Sketch): Promise<string> {
  const answer = await sendSigned(server.url, sketch, ENDLESS.has(operation));
  const { status, body, code = "" } = answer;
  const what = `seed ${SEED}: ${model.name} ${operation} ${sketch.path}?${sketch.query} ${brief(sketch.body)}`;
  // A value can ask for what is not built, as an operation can.
  const hasBody = definition.method !== "HEAD";
  const isUnbuilt = status === 501 && (code.startsWith("NotImplemented") || !hasBody);
  assert.ok(status < 500 || isUnbuilt, `${what}: ${status} ${brief(body)}`);
  const isKnown = !hasBody || errorCodes(model, operation).has(code) || UNMODELLED.has(`${model.name} ${code}`);
  assert.ok(!isRefusal(answer) || isKnown, `${what}: ${code} ${brief(body)}`);
  return String(status);
}

/**
 * Errors that a service has, but not at every operation that answers with them: DeleteEventBus, DescribeLogGroups by identifier, SQS. S3 lists
 * few of its errors in its model.
 */
const UNMODELLED: ReadonlySet<string> = new Set([
  "sqs InvalidParameterValue",
  "events ResourceNotFoundException",
  "lambda AccessDeniedException",
  "iam AccessDenied",
  "logs ResourceNotFoundException",
  "sts AccessDenied",
  "sts InvalidParameterValue",
  ...[
    "AccessDenied",
    "BadRequest",
    "BucketNotEmpty",
    "IllegalLocationConstraintException",
    "InvalidBucketName",
    "InvalidPart",
    "InvalidPartNumber",
    "InvalidPartOrder",
    "InvalidRange",
    "InvalidTag",
    "InvalidURI",
    "KeyTooLongError",
    "MetadataTooLarge",
    "NoSuchBucket",
    "NoSuchKey",
    "MalformedPolicy",
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "NoSuchUpload",
    "NoSuchWebsiteConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "ReplicationConfigurationNotFoundError",
    "PreconditionFailed",
  ].map((code) => `s3 ${code}`),
  ...["AccessDenied", "BadRequest", "InvalidTag", "NoSuchBucket"].map((code) => `s3control ${code}`),
]);

const isRefusal = ({ status }: Answer): boolean => status >= 400 && status < 500;

function brief(body: string | Uint8Array | undefined): string {
  const text = Buffer.from((body ?? "") as string).toString();
  return text.length > 2000 ? `${text.slice(0, 2000)}… (${text.length})` : text;
}

const BROKEN_JSON: readonly (string | Buffer)[] = [
  "{",
  "}",
  "[]",
  "[{}]",
  "true",
  "42",
  '"text"',
  "{]",
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  "{'a':1}",
  "{a:1}",
  '{"a":01}',
  '{"a":"\\x"}',
  '{"a":"\n"}',
  '{"a":NaN}',
  "{}{}",
  "{} x",
  "\0\0\0\0",
  "<a/>",
  "Action=ListQueues&Version=2012-11-05",
  "[".repeat(100_000),
  '{"a":'.repeat(50_000),
  Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00]),
];

const BROKEN_XML: readonly string[] = [
  "<",
  "<a>",
  "<a></b>",
  "<a><b></a></b>",
  "text",
  "{}",
  "<a/><b/>",
  "<a b></a>",
  '<!DOCTYPE a [<!ENTITY e "e">]><a>&e;</a>',
  "\0",
  "<a>".repeat(50_000),
];

const BROKEN_CBOR: readonly Buffer[] = [
  Buffer.from([0xff]),
  Buffer.from([0x1f]),
  Buffer.from([0x80]),
  Buffer.from([0x18, 0x2a]),
  Buffer.from([0x63, 0x61]),
  Buffer.from([0xbf]),
  Buffer.from([0xa1, 0x61, 0x61]),
  Buffer.from([0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.alloc(100_000, 0x81),
  Buffer.from("{}"),
];

/** Bodies that cannot be read as the operation's input, by what is wrong with them. */
function* brokenBodies(built: BuiltOperation, sketch: Sketch): Generator<[string, Partial<Sketch>]> {
  const shape = built.definition.input === undefined ? undefined : structureNamed(built.model, built.definition.input);
  const hasBody = Object.values(shape?.members ?? {}).some(({ location }) => location === undefined);
  if (built.model.protocol === "json" || (built.model.protocol === "rest-json" && hasBody)) {
    for (const body of BROKEN_JSON) yield [`the body ${brief(body).slice(0, 40)}`, { body }];
    const valid = Buffer.from((sketch.body ?? "") as string);
    if (valid.length > 2) yield ["half of a body", { body: valid.subarray(0, valid.length / 2) }];
  }
  const payload = shape?.payload === undefined ? undefined : shape.members[shape.payload];
  // A policy is text as it is, and no XML.
  const isText = payload !== undefined && built.model.shapes[payload.shape]?.type === "string";
  if (built.model.protocol === "rest-xml" && hasBody && !payload?.streaming && !isText) {
    for (const body of BROKEN_XML) yield [`the body ${brief(body).slice(0, 40)}`, { body }];
  }
  if (built.model.name === "kinesis") {
    const headers = { ...sketch.headers, "content-type": "application/x-amz-cbor-1.1" };
    for (const body of BROKEN_CBOR) yield [`the bytes ${body.toString("hex", 0, 20)}`, { headers, body }];
  }
}

const ODD_TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "a\0b",
  "\u001e\u001f",
  "\ud800",
  "\udc00\ud800",
  "\uffff\ufffe",
  "\u{10ffff}",
  "\u202e\u2066",
  "e\u0301",
  "\r\n",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "-1",
  "1e400",
  "0x10",
  "99999999999999999999999",
  "..",
  "../..",
  "a/b",
  "%00",
  "%",
  "'; DROP TABLE streams; --",
  '"',
  "{}",
  "[]",
  '{"source":[{"prefix":1}]}',
  '{"__proto__":[1]}',
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  "$.detail.a[0]",
  "<a>",
  "<x>",
  "arn:aws:kinesis:us-east-1:000000000000:stream/",
  "arn:aws:sqs:us-east-1::",
  "arn:::::",
  "http://127.0.0.1:1/000000000000/orders",
  "http://[",
  "x".repeat(300_000),
];

/** One text of an input replaced by an odd one. */
function withOddText({ model, definition }: BuiltOperation, input: Input): Input {
  const members = definition.input === undefined ? {} : structureNamed(model, definition.input).members;
  const texts = Object.keys(members).filter(
    (member) => shapeNamed(model, members[member]?.shape ?? "").type === "string",
  );
  const candidates = Object.keys(input)
    .concat(texts)
    .filter((member) => !members[member]?.location?.startsWith("header"));
  if (candidates.length === 0) return input;
  const member = chance.pick(candidates);
  const text = chance.pick(ODD_TEXTS);
  const isInTarget = members[member]?.location !== undefined;
  // In a target there is no empty text, no lone surrogate and no dot segment, and what is too long never comes so far.
  const odd = isInTarget
    ? text
        .slice(0, 2000)
        .toWellFormed()
        .replace(/^\.{0,2}$/, "-")
    : text;
  const shape = shapeNamed(model, members[member]?.shape ?? "");
  return { ...input, [member]: shape.type === "string" ? odd : withTextsReplaced(input[member], odd) };
}

function withTextsReplaced(value: unknown, text: string): unknown {
  if (typeof value === "string") return text;
  if (Array.isArray(value)) return value.map((element) => withTextsReplaced(element, text));
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries([
    ...Object.entries(value).map(([key, element]) => [key, withTextsReplaced(element, text)]),
    [text, text],
  ]);
}

/** A body with members that nobody has declared, some of which every object has. */
function withOddKeys(sketch: Sketch): Sketch {
  const body = Buffer.from((sketch.body ?? "") as string).toString();
  if (!body.startsWith("{")) return sketch;
  const odd = '{"__proto__":{"StreamName":"x"},"constructor":1,"toString":null,"length":-1,"":""';
  return { ...sketch, body: body === "{}" ? `${odd}}` : `${odd},${body.slice(1)}` };
}

const ODD_CONTENT_TYPES: readonly string[] = [
  "text/plain",
  "application/x-amz-json-9.9",
  "application/xml",
  "application/x-amz-cbor-1.1",
  "multipart/form-data; boundary=x",
  "application/x-www-form-urlencoded",
  ";",
];

/** SQS is also spoken to in forms. */
function oddForms({ model, operation }: BuiltOperation): readonly Sketch[] {
  if (model.name !== "sqs") return [];
  const QueueUrl = String(known.sqs?.QueueUrl?.[0]);
  const form = { Action: operation, QueueUrl, QueueName: "orders", WaitTimeSeconds: "0" };
  const odd = chance.pick(ODD_TEXTS);
  const forms = [
    { ...form, [chance.pick(["QueueUrl", "MessageBody", "MaxNumberOfMessages", "AttributeName.1", "Tag.1.Key"])]: odd },
    { ...form, "Attribute.1.Name": odd, "Attribute.1.Value": odd, "Attribute.99999999999.Name": odd },
    { ...form, "SendMessageBatchRequestEntry.1.Id": odd, "SendMessageBatchRequestEntry.1.MessageBody": odd },
    { ...form, "__proto__.1": odd, "MessageAttribute.-1.Name": odd, "MessageAttribute..Value": odd },
  ];
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return forms.map((fields) => ({ service: "sqs", headers, body: new URLSearchParams(fields).toString() }));
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, value) => sum + value, 0);
}

function shown(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([key, value]) => `${key} ${value}`).join(", ");
}
