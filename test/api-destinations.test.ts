/** Connections and API destinations through the SDK, with stand-ins for the endpoints that are called. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import {
  type ApiDestinationHttpMethod,
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  type CreateConnectionCommandInput,
  DeauthorizeConnectionCommand,
  DeleteApiDestinationCommand,
  DeleteConnectionCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  EventBridgeClient,
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
  UpdateApiDestinationCommand,
  UpdateConnectionCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { spawnTrunkline, startTrunkline, temporaryFolder } from "./server.ts";
import { startEndpoint, startTalker } from "./stand-ins/http-endpoint.ts";

/** A call may take so long here, of wall time. */
const TIMEOUT = "events.api-destination-timeout-ms=300";
const server = await startTrunkline("--limit", TIMEOUT);
const world = worldOf(server.client);

type World = ReturnType<typeof worldOf>;

function worldOf(options: typeof server.client) {
  const events = new EventBridgeClient(options);
  const sqs = new SQSClient(options);
  after(() => {
    for (const client of [events, sqs]) client.destroy();
  });
  return { events, sqs };
}

let count = 0;
const newName = (): string => `one-${count++}`;

const KEY = { ApiKeyAuthParameters: { ApiKeyName: "x-api-key", ApiKeyValue: "the-value-of-the-key" } };

async function connect(
  { events }: World,
  AuthParameters: CreateConnectionCommandInput["AuthParameters"] = KEY,
  AuthorizationType: CreateConnectionCommandInput["AuthorizationType"] = "API_KEY",
): Promise<{ readonly Name: string; readonly arn: string; readonly state: string | undefined }> {
  const Name = newName();
  const made = await events.send(new CreateConnectionCommand({ Name, AuthorizationType, AuthParameters }));
  return { Name, arn: String(made.ConnectionArn), state: made.ConnectionState };
}

interface Sent {
  readonly endpoint: string;
  readonly method?: ApiDestinationHttpMethod;
  readonly connectionArn?: string;
  readonly rate?: number;
  readonly target?: Partial<Target>;
}

/** A destination, and a rule that sends events of a source of its own to it; what comes to nothing goes to a queue. */
async function route({ events, sqs }: World, { endpoint, method = "POST", connectionArn, rate, target }: Sent) {
  const name = newName();
  const destination = await events.send(
    new CreateApiDestinationCommand({
      Name: name,
      ConnectionArn: connectionArn ?? (await connect({ events, sqs })).arn,
      InvocationEndpoint: endpoint,
      HttpMethod: method,
      ...(rate !== undefined && { InvocationRateLimitPerSecond: rate }),
    }),
  );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
  const [account, queue] = String(QueueUrl).split("/").slice(-2);
  await events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify({ source: [name] }) }));
  const DeadLetterConfig = { Arn: `arn:aws:sqs:us-east-1:${account}:${queue}` };
  const one: Target = { Id: "1", Arn: String(destination.ApiDestinationArn), DeadLetterConfig, ...target };
  await events.send(new PutTargetsCommand({ Rule: name, Targets: [one] }));
  return {
    name,
    async put(...details: readonly object[]): Promise<void> {
      const Entries = details.map((detail) => ({ Source: name, DetailType: "Made", Detail: JSON.stringify(detail) }));
      await events.send(new PutEventsCommand({ Entries }));
    },
    async dead(): Promise<readonly Message[]> {
      const input = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] };
      return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
    },
  };
}

const attribute = (message: Message | undefined, name: string): string | undefined =>
  message?.MessageAttributes?.[name]?.StringValue;

suite("connections", () => {
  test("a connection shows what it is for, and none of its secrets", async () => {
    const { Name, arn, state } = await connect(world, {
      ...KEY,
      InvocationHttpParameters: {
        HeaderParameters: [
          { Key: "x-team", Value: "harbour", IsValueSecret: false },
          { Key: "x-token", Value: "not-to-be-told", IsValueSecret: true },
        ],
      },
    });
    assert.equal(state, "AUTHORIZED");
    assert.match(arn, new RegExp(`^arn:aws:events:us-east-1:000000000000:connection/${Name}/[0-9a-f-]{36}$`));
    const shown = await world.events.send(new DescribeConnectionCommand({ Name }));
    assert.deepEqual(shown.AuthParameters, {
      ApiKeyAuthParameters: { ApiKeyName: "x-api-key" },
      InvocationHttpParameters: {
        HeaderParameters: [
          { Key: "x-team", Value: "harbour", IsValueSecret: false },
          { Key: "x-token", IsValueSecret: true },
        ],
      },
    });
    assert.match(String(shown.SecretArn), /^arn:aws:secretsmanager:us-east-1:000000000000:secret:events!connection\//);
    assert.doesNotMatch(JSON.stringify(shown), /the-value-of-the-key|not-to-be-told/);
    assert.ok(shown.LastAuthorizedTime);
  });

  test("connections are listed by name and state, page by page", async () => {
    const made = [await connect(world), await connect(world), await connect(world)];
    const first = await world.events.send(new ListConnectionsCommand({ Limit: 2 }));
    assert.equal(first.Connections?.length, 2);
    const rest = await world.events.send(new ListConnectionsCommand({ NextToken: first.NextToken }));
    const names = [...(first.Connections ?? []), ...(rest.Connections ?? [])].map((one) => one.Name);
    for (const { Name } of made) assert.ok(names.includes(Name));
    const [one] = made;
    const found = await world.events.send(new ListConnectionsCommand({ NamePrefix: String(one?.Name) }));
    assert.equal(found.Connections?.[0]?.ConnectionArn, one?.arn);
    const none = await world.events.send(new ListConnectionsCommand({ ConnectionState: "DEAUTHORIZED" }));
    assert.ok(!none.Connections?.some(({ Name }) => Name === one?.Name));
  });

  test("a name is taken once, and what is not there is said in the service's words", async () => {
    const { Name } = await connect(world);
    const again = new CreateConnectionCommand({ Name, AuthorizationType: "API_KEY", AuthParameters: KEY });
    await assert.rejects(world.events.send(again), {
      name: "ResourceAlreadyExistsException",
      message: `Connection ${Name} already exists.`,
    });
    const message = "Failed to describe the connection(s). Connection 'nobody' does not exist.";
    const input = { Name: "nobody" };
    for (const missing of [
      world.events.send(new DescribeConnectionCommand(input)),
      world.events.send(new UpdateConnectionCommand(input)),
      world.events.send(new DeleteConnectionCommand(input)),
      world.events.send(new DeauthorizeConnectionCommand(input)),
    ]) {
      await assert.rejects(missing, { name: "ResourceNotFoundException", message });
    }
  });

  test("parameters of another type than the connection's are refused", async () => {
    await assert.rejects(connect(world, KEY, "BASIC"), { name: "ValidationException" });
    const oauth = {
      OAuthParameters: {
        ClientParameters: { ClientID: "me", ClientSecret: "hush" },
        AuthorizationEndpoint: "http://example.com/token",
        HttpMethod: "POST" as const,
      },
    };
    await assert.rejects(connect(world, oauth, "OAUTH_CLIENT_CREDENTIALS"), /AuthorizationEndpoint is not valid/);
  });

  test("an update changes what it names; a deauthorized connection has no secret left until one comes", async () => {
    const endpoint = await startEndpoint();
    const { Name, arn } = await connect(world);
    const { put, dead } = await route(world, { endpoint: endpoint.url, connectionArn: arn });
    const changed = { ApiKeyAuthParameters: { ApiKeyValue: "another" } };
    await world.events.send(new UpdateConnectionCommand({ Name, Description: "new", AuthParameters: changed }));
    await put({});
    await server.advance("PT0S");
    assert.equal(endpoint.received[0]?.headers["x-api-key"], "another");

    const gone = await world.events.send(new DeauthorizeConnectionCommand({ Name }));
    assert.equal(gone.ConnectionState, "DEAUTHORIZING");
    const shown = await world.events.send(new DescribeConnectionCommand({ Name }));
    assert.equal(shown.ConnectionState, "DEAUTHORIZED");
    assert.equal(shown.Description, "new");
    assert.deepEqual(shown.AuthParameters, {});
    await put({ late: true });
    await server.advance("PT1S");
    assert.equal(endpoint.received.length, 1);
    await world.events.send(new UpdateConnectionCommand({ Name, AuthParameters: KEY }));
    await server.advance("PT10S");
    assert.equal(endpoint.received.length, 2);
    assert.deepEqual(await dead(), []);
  });

  test("a connection that is deleted leaves its destinations inactive", async () => {
    const { Name, arn } = await connect(world);
    const { name } = await route(world, { endpoint: "https://example.com", connectionArn: arn });
    const deleted = await world.events.send(new DeleteConnectionCommand({ Name }));
    assert.equal(deleted.ConnectionState, "DELETING");
    const shown = await world.events.send(new DescribeApiDestinationCommand({ Name: name }));
    assert.equal(shown.ApiDestinationState, "INACTIVE");
  });

  test("secrets lie encrypted in the data folder, with a key that only its owner may read", async () => {
    const folder = temporaryFolder();
    const kept = await startTrunkline("--data", folder);
    const own = worldOf(kept.client);
    await connect(own, { BasicAuthParameters: { Username: "someone", Password: "open-sesame-1234" } }, "BASIC");
    await kept.close();
    assert.equal(statSync(join(folder, "secrets.key")).mode & 0o777, 0o600);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    for (const file of files) {
      assert.ok(!readFileSync(join(file.parentPath, file.name)).includes("open-sesame-1234"), file.name);
    }
  });
});

suite("API destinations", () => {
  test("a destination is created, shown, changed, listed and deleted", async () => {
    const { arn } = await connect(world);
    const Name = newName();
    const made = await world.events.send(
      new CreateApiDestinationCommand({
        Name,
        ConnectionArn: arn,
        InvocationEndpoint: "https://example.com/a",
        HttpMethod: "PUT",
      }),
    );
    assert.equal(made.ApiDestinationState, "ACTIVE");
    const { $metadata: _, ...shown } = await world.events.send(new DescribeApiDestinationCommand({ Name }));
    assert.deepEqual(shown, {
      ApiDestinationArn: made.ApiDestinationArn,
      ApiDestinationState: "ACTIVE",
      Name,
      ConnectionArn: arn,
      InvocationEndpoint: "https://example.com/a",
      HttpMethod: "PUT",
      InvocationRateLimitPerSecond: 300,
      CreationTime: made.CreationTime,
      LastModifiedTime: made.LastModifiedTime,
    });
    const change = { Name, Description: "slow", InvocationRateLimitPerSecond: 2 };
    await world.events.send(new UpdateApiDestinationCommand(change));
    const listed = await world.events.send(new ListApiDestinationsCommand({ ConnectionArn: arn }));
    assert.deepEqual(
      listed.ApiDestinations?.map((one) => [one.Name, one.InvocationRateLimitPerSecond]),
      [[Name, 2]],
    );
    await world.events.send(new DeleteApiDestinationCommand({ Name }));
    await assert.rejects(world.events.send(new DescribeApiDestinationCommand({ Name })), {
      name: "ResourceNotFoundException",
      message: `Failed to describe the api-destination(s). An api-destination '${Name}' does not exist.`,
    });
  });

  test("what cannot be is refused", async () => {
    const { arn } = await connect(world);
    const input = { Name: newName(), ConnectionArn: arn, HttpMethod: "POST" as const };
    const create = (more: object) =>
      world.events.send(
        new CreateApiDestinationCommand({ ...input, InvocationEndpoint: "https://example.com", ...more }),
      );
    await assert.rejects(create({ InvocationEndpoint: "http://example.com/a" }), { name: "ValidationException" });
    await assert.rejects(create({ InvocationEndpoint: "ftp://example.com/a" }), { name: "ValidationException" });
    await assert.rejects(create({ ConnectionArn: arn.replace(/one-\d+/, "nobody") }), {
      name: "ResourceNotFoundException",
      message: "Failed to describe the connection(s). Connection 'nobody' does not exist.",
    });
    await create({});
    await assert.rejects(create({}), {
      name: "ResourceAlreadyExistsException",
      message: `An api-destination '${input.Name}' already exists.`,
    });
  });

  test("a call has the path, query, headers and body that its connection, target and event give it", async () => {
    const endpoint = await startEndpoint();
    const { arn } = await connect(
      world,
      {
        BasicAuthParameters: { Username: "me", Password: "hush" },
        InvocationHttpParameters: {
          HeaderParameters: [
            { Key: "x-from", Value: "connection" },
            { Key: "Host", Value: "elsewhere" },
          ],
          QueryStringParameters: [{ Key: "tenant", Value: "harbour & co", IsValueSecret: true }],
          BodyParameters: [{ Key: "key", Value: "of-the-body" }],
        },
      },
      "BASIC",
    );
    const { put } = await route(world, {
      endpoint: `${endpoint.url}/contacts/*/notes/*?v=1`,
      method: "PATCH",
      connectionArn: arn,
      target: {
        HttpParameters: {
          PathParameterValues: ["$.detail.id", "last"],
          HeaderParameters: { "x-from": "target", "x-id": "$.detail.id", "x-none": "$.detail.none" },
          QueryStringParameters: { at: "$.detail.number", tenant: "other" },
        },
        InputPath: "$.detail",
      },
    });
    await put({ id: "a/b c", number: 7 });
    await server.advance("PT0S");
    const [received] = endpoint.received;
    assert.equal(received?.method, "PATCH");
    assert.equal(received?.path, "/contacts/a%2Fb%20c/notes/last?v=1&tenant=harbour+%26+co&at=7");
    const { host, "content-length": _length, ...headers } = received?.headers ?? {};
    assert.equal(`http://${host}`, endpoint.url);
    assert.deepEqual(headers, {
      authorization: `Basic ${Buffer.from("me:hush").toString("base64")}`,
      "content-type": "application/json; charset=utf-8",
      "user-agent": "Amazon/EventBridge/ApiDestinations",
      range: "bytes=0-1048575",
      "accept-encoding": "gzip,deflate",
      connection: "close",
      "x-from": "connection",
      "x-id": "a/b c",
      "x-none": "",
    });
    assert.deepEqual(JSON.parse(received?.body ?? ""), { id: "a/b c", number: 7, key: "of-the-body" });
  });

  test("an event cannot lead a call to a path above, nor to a header of its own making", async () => {
    const endpoint = await startEndpoint();
    const { put, dead } = await route(world, {
      endpoint: `${endpoint.url}/tenants/*/notes`,
      target: {
        HttpParameters: { PathParameterValues: ["$.detail.id"], HeaderParameters: { "x-id": "$.detail.name" } },
      },
    });
    await put({ id: "..", name: "n" }, { id: "1", name: "a\r\nx-evil: 1" });
    await server.advance("PT0S");
    assert.equal(endpoint.received.length, 0);
    const messages = await dead();
    assert.deepEqual(
      messages.map((one) => attribute(one, "ERROR_CODE")),
      ["INVALID_PARAMETER", "INVALID_PARAMETER"],
    );
  });

  test("statuses decide what is tried again and what goes to the dead-letter queue", async () => {
    for (const [status, attempts, code] of [
      [400, 1, "SDK_CLIENT_ERROR"],
      [404, 1, "SDK_CLIENT_ERROR"],
      [302, 1, "SDK_CLIENT_ERROR"],
      [401, 1, "SDK_CLIENT_ERROR"],
      [429, 3, "THROTTLING"],
      [503, 3, "ERROR_FROM_TARGET"],
    ] as const) {
      const away = await startEndpoint();
      const endpoint = await startEndpoint((_received, response) => {
        response.writeHead(status, { location: `${away.url}/elsewhere` });
        response.end("secret words of the target");
      });
      const RetryPolicy = { MaximumRetryAttempts: 2 };
      const { put, dead } = await route(world, { endpoint: endpoint.url, target: { RetryPolicy } });
      await put({ status });
      await server.advance("PT1M");
      assert.equal(endpoint.received.length, attempts, `${status}`);
      assert.equal(away.received.length, 0);
      const [message] = await dead();
      assert.equal(attribute(message, "ERROR_CODE"), code);
      assert.equal(attribute(message, "RETRY_ATTEMPTS"), String(attempts - 1));
      assert.doesNotMatch(JSON.stringify(message), /secret words|the-value-of-the-key/);
    }
  });

  test("Retry-After is kept to, and a negative one ends it", async () => {
    const patient = await startEndpoint((_received, response, nth) => {
      response.writeHead(nth === 1 ? 503 : 200, { "retry-after": "3600" });
      response.end();
    });
    const sulking = await startEndpoint((_received, response) => {
      response.writeHead(503, { "retry-after": "-1" });
      response.end();
    });
    const one = await route(world, { endpoint: patient.url });
    const other = await route(world, { endpoint: sulking.url });
    await one.put({});
    await other.put({});
    await server.advance("PT59M");
    assert.equal(patient.received.length, 1);
    assert.equal((await other.dead()).length, 1);
    await server.advance("PT1M");
    assert.equal(patient.received.length, 2);
    assert.equal(sulking.received.length, 1);
  });

  test("a destination is called no more often than its rate; waiting is no attempt, but counts for the event's age", async () => {
    const endpoint = await startEndpoint();
    const { put, dead } = await route(world, {
      endpoint: endpoint.url,
      rate: 1,
      target: { RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } },
    });
    for (let batch = 0; batch < 7; batch++)
      await put(...Array.from({ length: 10 }, (_, at) => ({ at: batch * 10 + at })));
    await server.advance("PT0S");
    assert.equal(endpoint.received.length, 1);
    await server.advance("PT5S");
    assert.equal(endpoint.received.length, 6);
    await server.advance("PT56S");
    assert.equal(endpoint.received.length, 60);
    const [message] = await dead();
    assert.equal(attribute(message, "EXHAUSTED_RETRY_CONDITION"), "MaximumEventAgeInSeconds");
    assert.equal(attribute(message, "RETRY_ATTEMPTS"), "0");
    // Those that came too late have kept no place: there is one again at once.
    await put({ late: true });
    await server.advance("PT1S");
    assert.equal(endpoint.received.length, 61);
  });

  test("an OAuth connection is authorized first; its token is asked for once, and anew when it is refused", async () => {
    let valid = 0;
    const authority = await startEndpoint((_received, response) => {
      valid += 1;
      response.end(JSON.stringify({ access_token: `token-${valid}`, token_type: "Bearer", expires_in: 3600 }));
    });
    const endpoint = await startEndpoint(({ headers }, response) => {
      response.writeHead(headers.authorization === `Bearer token-${valid}` ? 200 : 401);
      response.end();
    });
    const { Name, arn, state } = await connect(
      world,
      {
        OAuthParameters: {
          ClientParameters: { ClientID: "me", ClientSecret: "hush & more" },
          AuthorizationEndpoint: `${authority.url}/token`,
          HttpMethod: "POST",
          OAuthHttpParameters: {
            BodyParameters: [{ Key: "grant_type", Value: "client_credentials" }],
            QueryStringParameters: [{ Key: "tenant", Value: "7" }],
            HeaderParameters: [{ Key: "x-audience", Value: "us" }],
          },
        },
      },
      "OAUTH_CLIENT_CREDENTIALS",
    );
    assert.equal(state, "AUTHORIZING");
    const { name, put, dead } = await route(world, { endpoint: endpoint.url, connectionArn: arn });
    await server.advance("PT0S");
    const [asked] = authority.received;
    assert.equal(asked?.path, "/token?tenant=7");
    assert.equal(asked?.headers["x-audience"], "us");
    assert.equal(asked?.body, "client_id=me&client_secret=hush+%26+more&grant_type=client_credentials");
    const shown = await world.events.send(new DescribeConnectionCommand({ Name }));
    assert.equal(shown.ConnectionState, "AUTHORIZED");
    assert.ok(shown.LastAuthorizedTime);
    assert.deepEqual(shown.AuthParameters?.OAuthParameters?.ClientParameters, { ClientID: "me" });
    const destination = await world.events.send(new DescribeApiDestinationCommand({ Name: name }));
    assert.equal(destination.ApiDestinationState, "ACTIVE");

    await put({ at: 1 }, { at: 2 }, { at: 3 });
    await server.advance("PT0S");
    assert.equal(endpoint.received.length, 3);
    assert.equal(authority.received.length, 1);
    // The authority takes all tokens back.
    valid += 1;
    await put(...Array.from({ length: 8 }, (_, at) => ({ at })));
    await server.advance("PT0S");
    assert.ok(endpoint.received.filter(({ headers }) => headers.authorization === "Bearer token-3").length >= 8);
    assert.equal(authority.received.length, 2);
    assert.deepEqual(await dead(), []);
  });

  test("a connection that nobody authorizes says why; new parameters are tried anew", async () => {
    const authority = await startEndpoint(({ body }, response) => {
      response.writeHead(body.includes("right") ? 200 : 403);
      response.end(JSON.stringify({ access_token: "t" }));
    });
    const OAuthParameters = {
      ClientParameters: { ClientID: "me", ClientSecret: "wrong" },
      AuthorizationEndpoint: authority.url,
      HttpMethod: "POST" as const,
    };
    const { Name, arn } = await connect(world, { OAuthParameters }, "OAUTH_CLIENT_CREDENTIALS");
    const endpoint = await startEndpoint();
    const { name, put } = await route(world, { endpoint: endpoint.url, connectionArn: arn });
    await put({});
    await server.advance("PT10S");
    const shown = await world.events.send(new DescribeConnectionCommand({ Name }));
    assert.equal(shown.ConnectionState, "DEAUTHORIZED");
    assert.equal(shown.StateReason, "The authorization endpoint answered 403.");
    const inactive = await world.events.send(new DescribeApiDestinationCommand({ Name: name }));
    assert.equal(inactive.ApiDestinationState, "INACTIVE");
    assert.equal(endpoint.received.length, 0);

    const ClientParameters = { ClientSecret: "right" };
    await world.events.send(
      new UpdateConnectionCommand({ Name, AuthParameters: { OAuthParameters: { ClientParameters } } }),
    );
    await server.advance("PT1M");
    assert.equal(endpoint.received.length, 1);
    assert.equal(endpoint.received[0]?.headers.authorization, "Bearer t");
  });

  test("our own endpoints are no target, under whatever name", async () => {
    const { port } = new URL(server.url);
    for (const endpoint of [
      `${server.url}/_trunkline/reset`,
      `http://localhost:${port}/_trunkline/clock`,
      `http://0x7f.1:${port}/%5ftrunkline/health`,
      `${server.url}/a/../_trunkline/health`,
    ]) {
      const { put, dead } = await route(world, { endpoint });
      await put({});
      await server.advance("PT0S");
      const [message] = await dead();
      assert.equal(attribute(message, "ERROR_CODE"), "INVALID_PARAMETER", endpoint);
      assert.match(String(attribute(message, "ERROR_MESSAGE")), /of this server is no target/);
    }
  });

  test("no account has another's destination as its target", async () => {
    const endpoint = await startEndpoint();
    const others = worldOf(server.clientOf("other"));
    const { name } = await route(world, { endpoint: endpoint.url });
    const { ApiDestinationArn } = await world.events.send(new DescribeApiDestinationCommand({ Name: name }));
    const theirs = await route(others, { endpoint: endpoint.url, target: { Arn: String(ApiDestinationArn) } });
    await theirs.put({});
    await server.advance("PT0S");
    assert.equal(attribute((await theirs.dead())[0], "ERROR_CODE"), "NO_PERMISSIONS");
    assert.equal(endpoint.received.length, 0);
  });
});

suite("endpoints that misbehave", () => {
  const answer200 = "HTTP/1.1 200 OK\r\n";
  const kinds: Readonly<Record<string, { readonly url: () => Promise<string>; readonly code?: string }>> = {
    hangs: { url: () => startTalker(() => {}), code: "TIMEOUT" },
    resets: { url: () => startTalker((socket) => socket.resetAndDestroy()), code: "CONNECTION_FAILURE" },
    "is not there": { url: async () => "http://127.0.0.1:1", code: "CONNECTION_FAILURE" },
    "speaks no HTTP": { url: () => startTalker((socket) => socket.end("hello\r\n\r\n")), code: "CONNECTION_FAILURE" },
    "answers byte by byte": { url: () => startTalker((socket) => socket.write("HTTP/1.1 20")), code: "TIMEOUT" },
    "sends endless headers": {
      url: () => startTalker((socket) => socket.write(`${answer200}x: ${"y".repeat(200_000)}`)),
      code: "CONNECTION_FAILURE",
    },
    "answers 100 MB": {
      url: () =>
        startTalker((socket) => {
          socket.write(`${answer200}content-length: 100000000\r\n\r\n`);
          const piece = Buffer.alloc(1_000_000);
          const more = (): void => {
            while (!socket.destroyed && socket.write(piece));
            if (!socket.destroyed) socket.once("drain", more);
          };
          more();
        }),
    },
    "breaks off its answer": {
      url: () => startTalker((socket) => socket.end(`${answer200}content-length: 10\r\n\r\na`)),
    },
  };

  test("nothing is lost, and nobody waits for them", async () => {
    const RetryPolicy = { MaximumRetryAttempts: 1 };
    const good = await startEndpoint();
    const wellBehaved = await route(world, { endpoint: good.url });
    const bad = await Promise.all(
      Object.entries(kinds).map(async ([kind, { url, code }]) => {
        return { kind, code, ...(await route(world, { endpoint: await url(), target: { RetryPolicy } })) };
      }),
    );
    await Promise.all(bad.map(({ put }) => put({ at: 1 }, { at: 2 })));
    await wellBehaved.put(...Array.from({ length: 10 }, (_, at) => ({ at })));
    await server.advance("PT10S");
    assert.equal(good.received.length, 10);
    for (const { kind, code, dead } of bad) {
      const codes = (await dead()).map((one) => attribute(one, "ERROR_CODE"));
      assert.deepEqual(codes, code === undefined ? [] : [code, code], kind);
    }
  });
});

test("every acknowledged event reaches its endpoint, whenever the server is killed", async () => {
  const rounds = process.env.TRUNKLINE_FULL === "1" ? 30 : 2;
  const endpoint = await startEndpoint((_received, response, nth) => {
    // Every fifth call fails, and every seventh is never answered.
    if (nth % 7 === 0) return;
    response.writeHead(nth % 5 === 0 ? 503 : 200);
    response.end();
  });
  const folder = temporaryFolder();
  let running = await spawnTrunkline(folder, "--limit", TIMEOUT, "--clock", "real");
  const { url } = running;
  const own = worldOf({ ...server.client, endpoint: url });
  const { put } = await route(own, { endpoint: endpoint.url });
  const wanted = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    const ended = once(running.child, "exit");
    const puts = Promise.allSettled(
      Array.from({ length: 6 }, async (_, at) => {
        await put({ at: round * 6 + at });
        wanted.add(round * 6 + at);
      }),
    );
    await puts;
    running.child.kill("SIGKILL");
    await ended;
    running = await spawnTrunkline(folder, "--limit", TIMEOUT, "--clock", "real", "--port", new URL(url).port);
  }
  const arrived = (): Set<number> => new Set(endpoint.received.map(({ body }) => JSON.parse(body).detail.at));
  while (![...wanted].every((at) => arrived().has(at))) {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 20);
    await promise;
  }
  running.child.kill("SIGKILL");
});
