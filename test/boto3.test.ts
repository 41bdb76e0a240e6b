import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import { startTrunkline } from "./server.ts";

const script = (name: string): string => new URL(`boto3/${name}`, import.meta.url).pathname;
const NO_BOTO3 = "skipped: boto3 (needs Python with boto3; as root on Debian it is installed)";
const python = findPython() ?? installBoto3();

test("boto3 sees a call's events arrive on a stream, a queue and a log group", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("first_event.py"), "+12065550101"], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const report = JSON.parse(stdout);
  assert.equal(report.account, "000000000000");
  assert.equal(report.types[0], "INITIATED");
  assert.deepEqual(report.types.slice(-2), ["DISCONNECTED", "COMPLETED"]);
  assert.deepEqual(report.queued, report.types);
  assert.deepEqual(report.logged, [...report.types].sort());
  assert.equal(report.same_bytes, true);
  assert.equal(report.error, "Stream nothing under account 000000000000 not found.");
  assert.equal(report.connect_error, "ResourceNotFoundException");
});

test("boto3 makes REST and HTTP APIs, and imports what it exports", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("apis.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), {
    rate: 5,
    keys: ["caller"],
    paths: ["/", "/{id}"],
    routes: ["$default"],
    auto: true,
    error: "Invalid API identifier specified 000000000000:nothing",
  });
});

test("boto3 stores, lists, copies, presigns and deletes objects, large ones in parts", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("objects.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const { etag, ...report } = JSON.parse(stdout);
  assert.match(etag, /-3"$/);
  assert.deepEqual(report, {
    text: "hello",
    metadata: { note: "x" },
    range: "el",
    same_bytes: true,
    keys: ["a folder/ü +%.txt", "copies/large.bin", "large.bin"],
    folders: ["a folder/", "copies/"],
    presigned: "hello",
    put: "put",
    missing: "NoSuchKey",
    not_empty: "BucketNotEmpty",
    unchanged: "304",
    buckets: [],
  });
});

test("boto3 publishes to topics, and makes API destinations", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("notifications.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), {
    published: ["batch 0", "batch 1", "batch 2", "seen"],
    subjects: ["", "hello"],
    signed: true,
    batch: ["0", "1", "2"],
    scope: "MessageAttributes",
    topics: true,
    missing: ["NotFound", "Topic does not exist"],
    empty: ["InvalidParameter", "Invalid parameter: Empty message"],
    connection: ["AUTHORIZED", { BasicAuthParameters: { Username: "me" } }],
    destination: "ACTIVE",
    inactive: "INACTIVE",
  });
});

test("boto3 makes, deploys, tries and calls an API", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("api_calls.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), {
    mock: [200, { hello: "ann" }],
    signed: [200, { as: "arn:aws:iam::000000000000:root" }],
    unsigned: [403, { message: "Missing Authentication Token" }],
    none: [403, { message: "Missing Authentication Token" }],
    tried: [200, { hello: "bob" }],
  });
});

test("boto3 creates, tags, lists, associates and deletes event integrations", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("integrations.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const arn = "arn:aws:app-integrations:us-east-1:000000000000:event-integration/help/desk";
  const source = "aws.partner/zendesk.com/1/default";
  assert.deepEqual(JSON.parse(stdout), {
    arn,
    same: true,
    described: {
      Name: "help/desk",
      Description: "two",
      EventIntegrationArn: arn,
      EventBridgeBus: source,
      EventFilter: { Source: source },
      Tags: { tier: "gold" },
    },
    tags: { tier: "gold" },
    association: true,
    names: [["a", "b"], ["help/desk"]],
    refusals: [
      "InvalidRequestException",
      "DuplicateResourceException",
      "InvalidRequestException",
      "InvalidRequestException",
      "ResourceNotFoundException",
      "InvalidRequestException",
      "InvalidRequestException",
      "ResourceNotFoundException",
      "ResourceNotFoundException",
    ],
  });
});

function findPython(): string | undefined {
  return ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", "import boto3"]).status === 0);
}

test("boto3 calculates attributes, and finds, counts and exports the members of a segment by them", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "customer-profiles", "get_segment_membership")) {
    return t.skip("skipped: boto3 on segments (this boto3 is older than GetSegmentMembership; pip has a newer one)");
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("segments.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), {
    values: ["true", "false"],
    arn: "arn:aws:profile:us-east-1:000000000000:domains/harbor-retail/segment-definitions/waiting",
    results: ["PRESENT", "ABSENT"],
    estimate: ["SUCCEEDED", "1", 200],
    snapshot: ["COMPLETED", ["1"]],
    taken: "BadRequestException: Segment definition with name waiting already exists",
    missing: "ResourceNotFoundException: Segment definition nothing does not exist",
  });
});

/** Debian's boto3 is some years old: its services have fewer operations. What there are is asked once. */
function knows(python: string, service: string, method: string): boolean {
  const clients =
    "{name: dir(boto3.client(name, region_name='us-east-1')) for name in boto3.Session().get_available_services() if name in names}";
  const ask = `import boto3, json; names = ${JSON.stringify(ASKED)}; print(json.dumps(${clients}))`;
  known ??= JSON.parse(spawnSync(python, ["-c", ask], { encoding: "utf8" }).stdout) as Record<string, string[]>;
  return known[service]?.includes(method) ?? false;
}

const ASKED = ["connect", "connectcases", "customer-profiles", "s3"];
let known: Readonly<Record<string, readonly string[]>> | undefined;

/** From Debian, where we may. */
function installBoto3(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  spawnSync("apt-get", ["update", "-qq"]);
  spawnSync("apt-get", ["install", "-y", "-qq", "python3-boto3"], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return findPython();
}

test("boto3 drives people, routing and a contact of each channel, and reads what they tell", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "connect", "tag_contact")) {
    return t.skip(
      "skipped: boto3 on contacts of each channel (this boto3 is older than TagContact; pip has a newer one)",
    );
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("contact_centre.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const life = [
    "QUEUED",
    "CONNECTED_TO_AGENT",
    "CONTACT_DATA_UPDATED",
    "CONTACT_DATA_UPDATED",
    "DISCONNECTED",
    "COMPLETED",
  ];
  const connected = ["INITIATED", "CONNECTED_TO_SYSTEM", ...life];
  assert.deepEqual(JSON.parse(stdout), {
    pages: 3,
    found: ["ada"],
    types: { VOICE: ["INITIATED", ...life], CHAT: connected, TASK: connected, EMAIL: connected },
    reasons: {
      VOICE: "AGENT_DISCONNECT",
      CHAT: "AGENT_DISCONNECT",
      TASK: "AGENT_COMPLETED",
      EMAIL: "AGENT_DISCONNECT",
    },
    attributes: { order: "17" },
    tag: "returns",
    records: true,
    agent: ["LOGIN", "STATE_CHANGE"],
    onContact: 1,
    userContacts: ["CONNECTED"],
    errors: { ResourceNotFoundException: 404, ContactNotFoundException: 410, DuplicateResourceException: 409 },
  });
});

test("boto3 creates, searches, lists, changes and deletes Connect rules, and sees one act", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "connect", "search_rules")) {
    return t.skip("skipped: boto3 on Connect rules (this boto3 is older than SearchRules; pip has a newer one)");
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("rules.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const [invalid, notFound, conflict] = [
    ["InvalidRequestException", 400],
    ["ResourceNotFoundException", 404],
    ["ResourceConflictException", 409],
  ];
  assert.deepEqual(JSON.parse(stdout), {
    same: true,
    described: [
      "late",
      { EventSourceName: "OnPostCallAnalysisAvailable" },
      true,
      true,
      "PUBLISHED",
      { team: "a" },
      true,
    ],
    changed: ["DRAFT", { tier: "gold" }, true],
    pages: [2, 1],
    names: ["draft-0", "draft-1", "draft-2"],
    found: [3, ["draft-0", "draft-1", "draft-2"]],
    refusals: {
      "name taken": conflict,
      "token of another request": conflict,
      name: invalid,
      function: invalid,
      operand: invalid,
      actions: invalid,
      source: invalid,
      instance: notFound,
      rename: invalid,
      rule: notFound,
      "token of a page": invalid,
      "as modelled": "ResourceConflictException",
      deleted: notFound,
    },
    told: ["nobody-there", "TELL", 2],
  });
});

test("boto3 defines, reads, tags, fills and deletes object types of Customer Profiles", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "customer-profiles", "list_object_type_attribute_values")) {
    return t.skip("skipped: boto3 on object types (this boto3 is older than their attributes; pip has a newer one)");
  }
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("object_types.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const [bad, notFound] = [
    ["BadRequestException", 400],
    ["ResourceNotFoundException", 404],
  ];
  const arn = "arn:aws:profile:us-east-1:000000000000:domains/boto/object-types/Parcel";
  assert.deepEqual(JSON.parse(stdout), {
    same: true,
    listed: [["Contacts", "Parcel"], ["Zendesk-users"]],
    profile: [["ina@example.com", { ZendeskUserId: "7", Depot: "none" }]],
    templates: 22,
    template: ["Shopify", "Order", true],
    tags: { tier: "gold" },
    detected: [["idKey", "_email"]],
    attributes: ["depot", "kg", "no", "to.mail"],
    values: ["2.5", "4"],
    figures: [2.5, 4, 3.25, 3.25],
    offered: [200, ["none"]],
    deleted: "Object type Parcel deleted",
    left: [],
    refusals: {
      unique: [...bad, "Keys: exactly one key carries UNIQUE, and none of _email does."],
      template: [...bad, "AllowProfileCreation, Fields, Keys: not allowed together with TemplateId."],
      domain: [...notFound, "Domain nowhere does not exist"],
      type: [...notFound, "Object type Parcel does not exist"],
      deleted: [...notFound, "Object type Parcel does not exist"],
      "no template": [...notFound, "Object type template Nothing does not exist"],
      tags: [...notFound, `Resource ${arn} does not exist`],
    },
  });
});

test("boto3 creates, updates, lists and deletes event triggers, whose campaign and stream are told", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "customer-profiles", "create_event_trigger")) {
    return t.skip(
      "skipped: boto3 on event triggers (this boto3 is older than CreateEventTrigger; pip has a newer one)",
    );
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("triggers.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const [invalid, notFound] = [
    ["BadRequestException", 400],
    ["ResourceNotFoundException", 404],
  ];
  assert.deepEqual(JSON.parse(stdout), {
    described: [
      "held",
      { EventExpiration: 60_000, Periods: [{ Unit: "HOURS", Value: 6, MaxInvocationsPerProfile: 1 }] },
      { team: "b" },
    ],
    pages: ["a", "b"],
    integration: [["b"], "PROFILE"],
    uris: true,
    domains: ["harbour"],
    told: [["b", "s-0"]],
    asked: [1, "ResourceNotFound"],
    refusals: {
      "name taken": invalid,
      field: invalid,
      value: invalid,
      "standard object": invalid,
      "in use": invalid,
      "two triggers": invalid,
      elsewhere: invalid,
      trigger: notFound,
      campaign: notFound,
    },
    deleted: "Event trigger b deleted",
  });
});

test("boto3 binds an instance, makes flows, event integrations and workflows that bring objects into profiles", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "customer-profiles", "create_event_trigger")) {
    return t.skip(
      "skipped: boto3 on sources of profiles (this boto3 is older than event triggers; pip has a newer one)",
    );
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("profile_sources.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const [invalid, notFound] = [
    ["BadRequestException", 400],
    ["ResourceNotFoundException", 404],
  ];
  const RoleArn = "arn:aws:iam::000000000000:role/sources";
  assert.deepEqual(JSON.parse(stdout), {
    bound: ["CTR-NoInferred", [], "PROFILE"],
    made: ["arn:aws:appflow:us-east-1:000000000000:flow/nightly", false, { team: "crm" }],
    fed: { SegmentIdentify: "Segment-Identify" },
    person: ["Ina", "ina@example.com"],
    workflow: [
      "IN_PROGRESS",
      { AppflowIntegration: { SourceConnectorType: "Marketo", ConnectorProfileName: "nobody", RoleArn } },
      { AppflowIntegration: { RecordsProcessed: 0, StepsCompleted: 0, TotalSteps: 2 } },
    ],
    steps: [
      ["2026-01-01T00:00:00.000Z", 0],
      ["2026-02-01T00:00:00.000Z", 0],
    ],
    hidden: 1,
    cancelled: true,
    uris: true,
    refusals: {
      "flow name taken": invalid,
      "no type": invalid,
      "unknown type": notFound,
      "no bucket": invalid,
      "event integration": notFound,
      workflow: notFound,
    },
    left: [],
  });
});

test("boto3 makes profiles of objects, finds, merges and lists them, and sees a stream told", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "customer-profiles", "get_profile_history_record")) {
    return t.skip("skipped: boto3 on Customer Profiles (this boto3 is older than history; pip has a newer one)");
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("profiles.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const { batch, segments, ...report } = JSON.parse(stdout);
  if (knows(python, "customer-profiles", "batch_put_profile_object")) assert.deepEqual(batch, [2, [["2", 400]]]);
  else t.diagnostic(batch);
  if (knows(python, "customer-profiles", "put_segment_subscription")) {
    assert.deepEqual(segments, [true, ["kiel"], "STOPPED"]);
  } else t.diagnostic(segments);
  const [badRequest, notFound] = [
    ["BadRequestException", 400],
    ["ResourceNotFoundException", 404],
  ];
  const put = [
    ["CREATED", "Order"],
    ["CREATED", "_order"],
  ];
  assert.deepEqual(report, {
    domain: ["boto", 366, { team: "a" }],
    type: [true, "EMAIL_ADDRESS", ["accountKey", "orderKey"]],
    types: ["Order"],
    templates: 22,
    stream: "RUNNING",
    streams: ["changes"],
    same: true,
    found: ["Möller-Graf", "40017", [{ KeyName: "_email", Values: ["ina@example.COM"] }]],
    pages: [2, 1],
    standard: ["o-1"],
    left: 2,
    keys: [2, 0],
    got: [2, ["ResourceNotFoundException"]],
    merged: [true, "Olga", { depot: "Kiel" }],
    unkeyed: [],
    history: [
      "DELETED_PROFILE_KEY",
      "MERGED",
      "DELETED_BY_CUSTOMER",
      "INGESTED",
      "INGESTED",
      "INGESTED",
      "INGESTED",
      "CREATED",
    ],
    record: ["arn:aws:iam::000000000000:root", true],
    told: [
      ["CREATED", "_profile"],
      ...put,
      ["UPDATED", "Order"],
      ["UPDATED", "_profile"],
      ["UPDATED", "_order"],
      ...put,
      ...put,
      ["UPDATED", "_profile"],
    ],
    refusals: [badRequest, notFound, badRequest, notFound, notFound, badRequest],
    domains: [],
  });
});

test("boto3 configures a domain of Cases", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "connectcases", "create_case_rule")) {
    return t.skip("skipped: boto3 on Cases (this boto3 is older than case rules; pip has a newer one)");
  }
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("cases_configuration.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), {
    domain: ["Active", "boto", true, {}],
    profiles: 30,
    domains: ["boto"],
    field: [["Branch"], ["ResourceNotFoundException"], ["r o m"], ["kiel"], "Branch"],
    layout: [true, ["front desk"]],
    rule: [true, "when it is closed", ["Required"]],
    template: ["Inactive", [{ fieldId: "case_reason" }], true, [0, 1]],
    events: [{ enabled: false }, true],
    tags: { tier: "gold" },
    refusals: {
      "name taken": [true, 409],
      domain: [true, 404, "nothing", "Domain"],
      layout: [true, 404, "nothing", "Layout"],
      "layout in use": [true, 409],
      "rule in use": [true, 409],
      "system field": [true, 400],
      "no options": [true, 400],
      token: [true, 400],
    },
    deleted: [true, true, true, 1],
    "domains left": [],
  });
});

test("boto3 opens, changes and deletes a case, relates things to it, and is told", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  if (!knows(python, "connectcases", "update_related_item")) {
    return t.skip("skipped: boto3 on cases (this boto3 is older than UpdateRelatedItem; pip has a newer one)");
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("cases.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const value = (id: string, union: object) => ({ id, value: union });
  assert.deepEqual(JSON.parse(stdout), {
    same: true,
    arn: true,
    case: [
      [
        value("title", { stringValue: "Kettle" }),
        value("status", { stringValue: "closed" }),
        value("created_by", { userArnValue: "claims-bot" }),
      ],
      true,
      { tier: "gold" },
    ],
    comment: ["Is valid", true, { customEntity: "ada" }],
    "of contact": [[true]],
    audit: [["RelatedItem.Deleted", "RelatedItem.Updated"], true, 5],
    refusals: {
      field: [true, 400],
      type: [true, 400],
      template: [true, 404, "nothing", "Template"],
      token: [true, 409],
      case: [true, 404, "nothing", "Case"],
      item: true,
      eleventh: [true, 402],
      deleted: [true, 404],
    },
    told: [
      "CASE.CREATED",
      "CASE.UPDATED",
      "RELATED_ITEM.CREATED",
      "RELATED_ITEM.CREATED",
      "RELATED_ITEM.UPDATED",
      "RELATED_ITEM.DELETED",
      "CASE.DELETED",
    ],
    amounts: [{ value: { doubleValue: 49.5 } }, {}, null],
  });
});

test("boto3 filters logs, follows them with filters, and archives, replays and schedules events", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("archives_and_logs.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), {
    filtered: ['{"status": 404}'],
    extracted: { $ip: "10.0.0.1", $status: "404" },
    metric_filters: 1,
    subscribed: ['{"status": 503}'],
    replay: "COMPLETED",
    replayed: ["again"],
    schedule: "arn:aws:events:us-east-1:000000000000:rule/noon",
    error: "Parameter ScheduleExpression is not valid.",
  });
});

test("boto3 makes users and roles with policies, which let through what they say", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  const { url } = await startTrunkline();
  const { stdout } = await promisify(execFile)(python, [script("iam.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  assert.deepEqual(JSON.parse(stdout), {
    user: "arn:aws:iam::000000000000:user/agents/ann",
    document: "sts:AssumeRole",
    ann: "AccessDeniedException",
    attached: ["write"],
    session: "arn:aws:sts::000000000000:assumed-role/writer/ann",
    written: null,
    listed: "AccessDeniedException",
    simulated: ["allowed", "implicitDeny"],
    users: ["ann"],
    missing: "NoSuchEntity",
    conflict: "DeleteConflict",
    malformed: "MalformedPolicyDocument",
  });
});

test("boto3 puts records to a delivery stream, and hears of its object from the bucket", async (t) => {
  if (python === undefined) return t.skip(NO_BOTO3);
  // Since the autumn of 2023, as buffers of no seconds.
  if (!knows(python, "s3", "create_session")) {
    return t.skip("skipped: boto3 on delivery streams (this boto3 is older than buffers of 0 s; pip has a newer one)");
  }
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [script("deliveries.py")], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const tags = [{ Key: "team", Value: "floor" }];
  assert.deepEqual(JSON.parse(stdout), {
    arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/calls",
    failed: 0,
    status: "ACTIVE",
    version: "2",
    text: "one\ntwo\ndräi\n",
    told: [["ObjectCreated:Put", true]],
    days: 30,
    tags,
    stream_tags: tags,
    names: ["calls"],
    missing: ["ResourceNotFoundException", "Firehose nothing under account 000000000000 not found."],
    stale: "ConcurrentModificationException",
    cors: "NoSuchCORSConfiguration",
  });
});
