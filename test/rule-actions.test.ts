/** What Connect rules do beside categories, events and tasks: mails, notifications, and what becomes of an action that fails. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, suite, test } from "node:test";
import {
  CreateUserCommand,
  type CreateUserCommandInput,
  DeleteUserCommand,
  DescribeUserCommand,
  ListContactReferencesCommand,
  ListUserNotificationsCommand,
  type RuleAction,
  StartTaskContactCommand,
  StopContactCommand,
  UpdateUserNotificationStatusCommand,
} from "@aws-sdk/client-connect";
import { ConfigError, readConfig } from "../src/config.ts";
import { allOf, openRuleWorld, type RuleWorld } from "./rule-world.ts";
import { startTrunkline, startTrunklineIn, type TestServer } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { startSmtpServer } from "./smtp-server.ts";

const CALL = "OnPostCallAnalysisAvailable";
const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const PATH = "$.ContactLens.PostCall";

function saying(words: string): string {
  return allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", [words]]);
}

function mail(Recipient: object, changes: object = {}): RuleAction {
  return {
    ActionType: "SEND_NOTIFICATION",
    SendNotificationAction: {
      DeliveryMethod: "EMAIL",
      Content: "A text.",
      ContentType: "PLAIN_TEXT",
      Recipient,
      ...changes,
    },
  };
}

/** The SDK does not know this action yet, and would leave half of it out. */
async function inAppRule(
  server: TestServer,
  world: RuleWorld,
  name: string,
  words: string,
  inApp: object,
  Actions: RuleAction[] = [],
): Promise<void> {
  const body = {
    Name: name,
    TriggerEventSource: { EventSourceName: CALL },
    Function: saying(words),
    Actions: [CATEGORY, ...Actions, { ActionType: "SEND_IN_APP_NOTIFICATION", SendInAppNotificationAction: inApp }],
    PublishStatus: "PUBLISHED",
  };
  const answer = await sendSigned(server.url, {
    service: "connect",
    path: `/rules/${world.InstanceId}`,
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, answer.body.toString());
}

async function addUser(world: RuleWorld, name: string, changes: Partial<CreateUserCommandInput> = {}): Promise<string> {
  const { connect, InstanceId, agentId, profileId } = world;
  const { User } = await connect.send(new DescribeUserCommand({ InstanceId, UserId: agentId }));
  const { UserId = "" } = await connect.send(
    new CreateUserCommand({
      InstanceId,
      Username: name,
      Password: "Secret-1234",
      IdentityInfo: { FirstName: "Ada", LastName: name, Email: `${name}@example.com` },
      PhoneConfig: { PhoneType: "SOFT_PHONE" },
      SecurityProfileIds: User?.SecurityProfileIds,
      RoutingProfileId: profileId,
      ...changes,
    }),
  );
  return UserId;
}

interface MailboxMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text?: string;
}

async function mailbox(
  server: TestServer,
  path = "",
  { accessKeyId = "test", query = "" }: { readonly accessKeyId?: string; readonly query?: string } = {},
): Promise<{ status: number; body: { mails: MailboxMail[] } & MailboxMail }> {
  const answer = await sendSigned(server.url, {
    service: "trunkline",
    method: "GET",
    path: `/_trunkline/mailbox${path}`,
    query,
    accessKeyId,
  });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) };
}

/** What was told of actions that failed: type, reason, and whether it was tried again. */
async function failures(world: RuleWorld): Promise<(readonly [string, string, boolean])[]> {
  const { contactEvents } = await world.streams();
  return contactEvents
    .filter((one) => one["detail-type"] === "Amazon Connect Rules Action Execution Failed")
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .map(({ actionType = "", reasonCode = "", additionalInfo = "" }) => [
      actionType,
      reasonCode,
      JSON.parse(additionalInfo).retryable,
    ]);
}

const INJECTION = "x\r\nBcc: thief@example.com\r\n\r\n.\r\nMAIL FROM:<thief@example.com>";

suite("without a mail server", async () => {
  const server = await startTrunkline();
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  const { connect, InstanceId, agentId } = world;

  test("mails go to users by id and by tags, each once, and lie in the mailbox", async () => {
    const lead = await addUser(world, "lead", { Tags: { team: "quality", role: "lead" } });
    await addUser(world, "member", { Tags: { team: "quality" } });
    await addUser(world, "away", { Tags: { team: "quality", role: "lead", onLeave: "yes" } });
    const second = await addUser(world, "second", {
      IdentityInfo: {
        FirstName: "Ada",
        LastName: "S",
        Email: "first@example.com",
        SecondaryEmail: "second@example.com",
      },
    });
    const gone = await addUser(world, "gone");
    await world.rule(CALL, "complaints", saying("complaint"), {
      Actions: [
        CATEGORY,
        mail(
          {
            UserIds: [lead, second, gone, `${PATH}.Agent.AgentId`],
            UserTags: { team: "quality", role: "lead" },
          },
          {
            Subject: `$.RuleName in ${PATH}.Queue.QueueName.`,
            Content: `Contact ${PATH}.ContactId of ${PATH}.Agent.AgentName: ${PATH}.ContactAttribute.note, ${PATH}.ContactAttribute.none|$.Unknown`,
            Exclusion: { UserTags: { onLeave: "yes" } },
          },
        ),
      ],
    });
    await connect.send(new DeleteUserCommand({ InstanceId, UserId: gone }));
    const contactId = await world.talk("VOICE", [["CUSTOMER", "I have a complaint."]], {
      attributes: { note: INJECTION },
    });

    const { body } = await mailbox(server);
    assert.deepEqual(
      body.mails.map(({ to, subject }) => [to, subject]).sort(),
      ["lead@example.com", "second@example.com", "vera@example.com"].map((to) => [to, "complaints in BasicQueue."]),
    );
    assert.equal(
      body.mails.every((listed) => !("text" in listed)),
      true,
    );
    const shown = await mailbox(server, `/${body.mails[0]?.id}`);
    assert.partialDeepStrictEqual(shown, {
      status: 200,
      body: { contactId, ruleName: "complaints", text: `Contact ${contactId} of vera: ${INJECTION}, |$.Unknown` },
    });
    assert.deepEqual((await mailbox(server, "", { accessKeyId: "other" })).body.mails, []);
    assert.equal((await mailbox(server, `/${body.mails[0]?.id}`, { accessKeyId: "other" })).status, 404);
    assert.equal((await mailbox(server, "/nothing")).status, 404);
    assert.equal((await mailbox(server, "", { query: "limit=0" })).status, 400);
    assert.deepEqual(await failures(world), []);
  });

  test("a mail without a subject has the rule's name, and a subject is one line whatever a value holds", async () => {
    await world.rule(CALL, "no-subject", saying("subject"), { Actions: [CATEGORY, mail({ UserIds: [agentId] })] });
    await world.rule(CALL, "broken-subject", saying("subject"), {
      Actions: [CATEGORY, mail({ UserIds: [agentId] }, { Subject: `Re ${PATH}.ContactAttribute.note` })],
    });
    await world.talk("VOICE", [["CUSTOMER", "What a subject."]], { attributes: { note: INJECTION } });
    const subjects = (await mailbox(server, "", { query: "limit=2" })).body.mails.map(({ subject }) => subject).sort();
    assert.deepEqual(subjects, ["Re x Bcc: thief@example.com . MAIL FROM:<thief@example.com>", "no-subject"]);
  });

  test("the command line lists and shows them", async () => {
    const [youngest] = (await mailbox(server)).body.mails;
    assert(youngest);
    assert.match(await trunkline(server, "mailbox"), new RegExp(`^${youngest.id}  \\S+  ${youngest.to}  `));
    const shown = await trunkline(server, "mailbox", "show", youngest.id);
    assert.match(shown, /^To: vera@example\.com\nSubject: .*\nSent: .*\nRule: .*\nContact: .*\n\nA text\.\n$/);
  });

  test("users are notified in the agent workspace, and say what they have read", async () => {
    const content = { en_US: `Call ${PATH}.ContactId [open](https://x.example/${"y".repeat(600)})`, de_DE: "Anruf" };
    const recipient = { Recipient: { UserIds: [agentId] } };
    await inAppRule(server, world, "notify", "bell", { Content: content, ...recipient, Priority: "HIGH" });
    const contactId = await world.talk("VOICE", [["CUSTOMER", "Ring the bell."]]);
    await world.talk("VOICE", [["CUSTOMER", "Ring the bell again."]]);
    const page = await connect.send(new ListUserNotificationsCommand({ InstanceId, UserId: agentId, MaxResults: 1 }));
    const rest = await connect.send(
      new ListUserNotificationsCommand({ InstanceId, UserId: agentId, NextToken: page.NextToken }),
    );
    assert.equal(page.UserNotifications?.length, 1);
    const [first, ...more] = rest.UserNotifications ?? [];
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(first, {
      NotificationStatus: "UNREAD",
      InstanceId,
      RecipientId: agentId,
      Priority: "HIGH",
      Source: "RULES",
    });
    assert.match(first?.Content?.en_US ?? "", new RegExp(`^Call ${contactId} \\[open\\]`));
    assert.equal(Number(first?.ExpiresAt) - Number(first?.CreatedAt), 7 * 24 * 3_600_000);

    const NotificationId = first?.NotificationId ?? "";
    const read = { InstanceId, UserId: agentId, NotificationId, Status: "READ" } as const;
    await connect.send(new UpdateUserNotificationStatusCommand(read));
    const { UserNotifications = [] } = await connect.send(
      new ListUserNotificationsCommand({ InstanceId, UserId: agentId }),
    );
    assert.deepEqual(
      UserNotifications.map(({ NotificationStatus }) => NotificationStatus),
      ["UNREAD", "READ"],
    );
    await assert.rejects(connect.send(new UpdateUserNotificationStatusCommand({ ...read, NotificationId: "none" })), {
      name: "ResourceNotFoundException",
    });
    await world.status(agentId, "Offline");
    await server.advance("P8D");
    const later = await connect.send(new ListUserNotificationsCommand({ InstanceId, UserId: agentId }));
    assert.deepEqual(later.UserNotifications, []);
  });

  test("a notification that its values make too long, and one to nobody, fail and hold up no other action", async () => {
    await world.status(agentId, "Available");
    const text = { Content: { en_US: `${PATH}.ContactAttribute.note` }, Recipient: { UserIds: [agentId] } };
    await inAppRule(server, world, "too-long", "long", text, [
      mail({ UserTags: { nobody: "has it" } }),
      { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "AND_ON" } },
    ]);
    await world.talk("VOICE", [["CUSTOMER", "How long it is."]], { attributes: { note: "x".repeat(501) } });
    assert.deepEqual(await failures(world), [
      ["SEND_NOTIFICATION", "ResourceNotFoundException", false],
      ["SEND_IN_APP_NOTIFICATION", "InvalidRequestException", false],
    ]);
    const { contactEvents } = await world.streams();
    const matched = contactEvents.filter((one) => one["detail-type"] === "Contact Lens Post Call Rules Matched");
    assert.equal(matched.length, 1);
  });
});

test("a value makes a reference of a task no link of another kind", async () => {
  const server = await startTrunkline();
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  const { connect, InstanceId } = world;
  const attribute = `${PATH}.ContactAttribute`;
  for (const [name, Value] of [
    ["whole", `${attribute}.good`],
    ["part", `https://shop.example/?page=${attribute}.bad`],
    ["other", `${attribute}.bad`],
    ["none", `${attribute}.none`],
  ] as const) {
    const References = { page: { Type: "URL" as const, Value } };
    const task: RuleAction = {
      ActionType: "CREATE_TASK",
      TaskAction: { Name: name, ContactFlowId: world.flowId, References },
    };
    await world.rule(CALL, name, saying("complaint"), { Actions: [task, CATEGORY] });
  }
  const attributes = { good: "https://else.example", bad: "javascript:alert(1)" };
  await world.talk("VOICE", [["CUSTOMER", "A complaint."]], { attributes });
  const links: (string | undefined)[] = [];
  for (const { detail } of (await world.streams()).contactEvents) {
    if (detail.channel !== "TASK" || detail.eventType !== "INITIATED") continue;
    const of = { InstanceId, ContactId: detail.contactId, ReferenceTypes: ["URL" as const] };
    const { ReferenceSummaryList = [] } = await connect.send(new ListContactReferencesCommand(of));
    links.push(ReferenceSummaryList.find(({ Url }) => Url?.Name === "page")?.Url?.Value);
  }
  assert.deepEqual(links.toSorted(), ["https://else.example", "https://shop.example/?page=javascript:alert(1)"]);
  const failed = ["CREATE_TASK", "InvalidRequestException", false];
  assert.deepEqual(await failures(world), [failed, failed]);
});

test("a configured server gets the mails, with one subject line, one recipient and the text as it is", async () => {
  const smtp = await startSmtpServer();
  const server = await startTrunkline("--smtp-server", smtp.address, "--smtp-from", "rules@example.com");
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  await world.rule(CALL, "mailed", saying("complaint"), {
    Actions: [
      CATEGORY,
      mail(
        { UserIds: [world.agentId] },
        { Subject: `Grüße ${PATH}.ContactAttribute.note`, Content: `${PATH}.ContactAttribute.note` },
      ),
    ],
  });
  await world.talk("VOICE", [["CUSTOMER", "A complaint."]], { attributes: { note: INJECTION } });
  const [taken, ...more] = smtp.mails;
  assert(taken);
  assert.deepEqual(more, []);
  assert.deepEqual([taken.from, taken.to], ["rules@example.com", ["vera@example.com"]]);
  assert.deepEqual(taken.headers.get("to"), ["vera@example.com"]);
  assert.equal(taken.headers.has("bcc"), false);
  assert.equal(taken.headers.get("subject")?.length, 1);
  assert.match(taken.headers.get("message-id")?.[0] ?? "", /^<[0-9a-f-]{36}@trunkline>$/);
  assert.match(taken.body.replaceAll("\r\n", "\n"), /Bcc: thief@example\.com\n\n\.\.?\nMAIL FROM/);
  assert.deepEqual((await mailbox(server)).body.mails, []);
});

test("a mail that the server does not take now is sent again; one that it will never take is told of", async () => {
  const smtp = await startSmtpServer({
    answerTo: (command, count) => {
      if (command === "DATA") return count <= 2 ? "451 later" : undefined;
      return count > 3 ? "550 nobody here" : undefined;
    },
  });
  const server = await startTrunklineIn({ TRUNKLINE_SMTP_SERVER: smtp.address });
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  await world.rule(CALL, "mailed", saying("complaint"), {
    Actions: [CATEGORY, mail({ UserIds: [world.agentId] })],
  });
  /** What explain tells of the mail: the part of the action that has an address. */
  const outcomeOf = async (subject: string): Promise<(readonly [string, string | undefined])[]> => {
    const { body } = await world.control("POST", "explain", { subject, instance: world.InstanceId });
    const inputs = body.inputs as { rules: { actions: { part?: string; outcome: string; code?: string }[] }[] }[];
    const actions = inputs.flatMap(({ rules }) => rules).flatMap((rule) => rule.actions);
    return actions.filter(({ part }) => part === "vera@example.com").map(({ outcome, code }) => [outcome, code]);
  };
  const contactId = await world.talk("VOICE", [["CUSTOMER", "A complaint."]]);
  assert.equal(smtp.mails.length, 0);
  assert.deepEqual(await outcomeOf(contactId), [["held-back", "InternalServiceException"]]);
  await server.advance("PT1M");
  assert.equal(smtp.mails.length, 1);
  assert.deepEqual(await failures(world), []);
  assert.deepEqual(await outcomeOf(contactId), [["done", undefined]]);

  await world.status(world.agentId, "Available");
  const otherId = await world.talk("VOICE", [["CUSTOMER", "Another complaint."]]);
  await server.advance("PT1M");
  assert.equal(smtp.mails.length, 1);
  assert.deepEqual(await outcomeOf(otherId), [["failed", "InvalidRequestException"]]);
  assert.deepEqual(await failures(world), [["SEND_NOTIFICATION", "InvalidRequestException", false]]);
});

test("an action that may succeed later is tried again, and told of once it has failed four times", async () => {
  const server = await startTrunkline(
    "--enforce-limits",
    "--limit",
    "connect.concurrent-tasks-per-instance=1",
    ...RATES,
  );
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  const { connect, InstanceId, flowId } = world;
  await world.rule(CALL, "tasks", saying("complaint"), {
    Actions: [CATEGORY, { ActionType: "CREATE_TASK", TaskAction: { Name: "Look", ContactFlowId: flowId } }],
  });
  const ScheduledTime = new Date(server.app.platform().clock.now() + 3_600_000);
  const blocking = await connect.send(
    new StartTaskContactCommand({ InstanceId, ContactFlowId: flowId, Name: "Blocks", ScheduledTime }),
  );
  await world.talk("VOICE", [["CUSTOMER", "A complaint."]]);
  await server.advance("PT1M");
  assert.deepEqual(await failures(world), [["CREATE_TASK", "ServiceQuotaExceededException", true]]);

  await world.status(world.agentId, "Available");
  await world.talk("VOICE", [["CUSTOMER", "A complaint again."]]);
  await connect.send(new StopContactCommand({ InstanceId, ContactId: blocking.ContactId }));
  await server.advance("PT1M");
  assert.equal((await failures(world)).length, 1);
  const { contactEvents } = await world.streams();
  const tasks = contactEvents
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .filter(({ channel, eventType }) => channel === "TASK" && eventType === "INITIATED");
  assert.equal(tasks.length, 2);
});

test("an instance that has sent its mails of a day sends no more for 24 hours", async () => {
  const server = await startTrunkline(
    "--enforce-limits",
    "--limit",
    "connect.rule-mails-per-instance-and-day=1",
    ...RATES,
  );
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  await world.rule(CALL, "mails", saying("complaint"), { Actions: [CATEGORY, mail({ UserIds: [world.agentId] })] });
  const complain = async (): Promise<number> => {
    await world.status(world.agentId, "Available");
    await world.talk("VOICE", [["CUSTOMER", "A complaint."]]);
    await server.advance("PT1M");
    return (await mailbox(server)).body.mails.length;
  };
  assert.deepEqual([await complain(), await complain()], [1, 1]);
  assert.deepEqual(await failures(world), [["SEND_NOTIFICATION", "ServiceQuotaExceededException", true]]);
  await world.status(world.agentId, "Offline");
  await server.advance("P1D");
  assert.equal(await complain(), 2);
});

test("the mail server is configured by flag and environment, and its password goes out under TLS", () => {
  const of = (flags: string[], environment: Record<string, string> = {}) => readConfig(flags, environment).mailServer;
  assert.equal(of([]), undefined);
  assert.deepEqual(of(["--smtp-server", "mail.example.com:587"]), {
    host: "mail.example.com",
    port: 587,
    sender: "no-reply@trunkline.invalid",
    tls: "offered",
  });
  const keys = { TRUNKLINE_SMTP_USER: "u", TRUNKLINE_SMTP_PASSWORD: "p" };
  assert.deepEqual(of([], { TRUNKLINE_SMTP_SERVER: "[::1]:25", TRUNKLINE_SMTP_FROM: "a@b.example", ...keys }), {
    host: "::1",
    port: 25,
    sender: "a@b.example",
    tls: "required",
    credentials: { user: "u", password: "p" },
  });
  assert.equal(of(["--smtp-server", "x:465"], { ...keys, TRUNKLINE_SMTP_TLS: "implicit" })?.tls, "implicit");
  for (const [flags, environment, message] of [
    [["--smtp-server", "mail.example.com"], {}, /HOST:PORT/],
    [["--smtp-server", "smtp://mail.example.com:25"], {}, /HOST:PORT/],
    [["--smtp-server", "x:70000"], {}, /HOST:PORT/],
    [["--smtp-server", "x:25", "--smtp-from", "a\r\nBcc: b@c"], {}, /no e-mail address/],
    [["--smtp-from", "a@b"], {}, /without --smtp-server/],
    [["--smtp-server", "x:25"], { TRUNKLINE_SMTP_USER: "u" }, /go together/],
    [["--smtp-server", "x:25"], { TRUNKLINE_SMTP_TLS: "maybe" }, /TRUNKLINE_SMTP_TLS/],
  ] as const) {
    assert.throws(
      () => of([...flags], environment),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  }
});

/** Requests of tests are no reason to be throttled. */
const RATES = ["CreateRule", "StartTaskContact", "PutUserStatus", "CreateInstance"].flatMap((operation) => {
  const name = operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  return ["--limit", `connect.${name}-burst=1000`];
});

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

async function trunkline(server: TestServer, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [BIN, ...args, "--url", server.url], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of child.stdout) output += chunk;
  return output;
}
