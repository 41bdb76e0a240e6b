/**
 * Contacts of Salesforce become profiles, every night at three in Berlin: the first run brings them all, the later ones what has changed since. Five nights pass
 * in seconds, since the clock is moved; in one of them clocks are set forward, and the run comes an hour earlier by UTC.
 *
 *   node examples/salesforce-nightly.mjs                     a few thousand contacts
 *   node examples/salesforce-nightly.mjs --objects 30000     more of them
 *
 * It needs no other server: it starts one of its own, with a manual clock, and serves what it needs of Salesforce's API itself. With an `instanceUrl` and a client of
 * yours, the connector profile below reads the real one: docs/connectors.md.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import {
  CreateDomainCommand,
  PutIntegrationCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";

// Salesforce: contacts, a token for who knows the secret, and queries answered by pages of 200.
const contacts = new Map();
const secret = randomUUID();
const tokens = new Set();
const queries = [];
const instance = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  const { pathname, searchParams } = new URL(request.url, "http://salesforce");
  const answer = (status, said) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
  if (pathname === "/services/oauth2/token") {
    if (new URLSearchParams(body).get("client_secret") !== secret) return answer(400, { error: "invalid_client" });
    const token = randomUUID();
    tokens.add(token);
    return answer(200, { access_token: token, token_type: "Bearer", instance_url: instanceUrl });
  }
  const token = request.headers.authorization?.replace("Bearer ", "");
  if (!tokens.has(token))
    return answer(401, [{ errorCode: "INVALID_SESSION_ID", message: "Session expired or invalid" }]);
  const [, query, place] = /\/query\/(\d+)-(\d+)$/.exec(pathname) ?? [queries.length, queries.length, 0];
  queries[query] ??= ask(searchParams.get("q"));
  const { found } = queries[query];
  const next = Number(place) + 200;
  const more = next < found.length && { nextRecordsUrl: `/services/data/v60.0/query/${query}-${next}` };
  answer(200, { totalSize: found.length, done: !more, records: found.slice(place, next), ...more });
});
instance.listen(0, "127.0.0.1");
await once(instance, "listening");
const instanceUrl = `http://127.0.0.1:${instance.address().port}`;

/** A query of a window, such as a flow asks: it is the only one that this Salesforce knows. */
function ask(soql) {
  const [, from] = /SystemModstamp >= (\S+)/.exec(soql);
  const [, to] = /SystemModstamp < (\S+)/.exec(soql);
  const time = ({ SystemModstamp }) => Date.parse(SystemModstamp.replace("+0000", "Z"));
  const found = [...contacts.values()].filter((it) => time(it) >= Date.parse(from) && time(it) < Date.parse(to));
  found.sort((one, other) => time(one) - time(other) || (one.Id < other.Id ? -1 : 1));
  return { to: new Date(to), found: found.map((it) => ({ attributes: { type: "Contact" }, ...it })) };
}

// A server that knows how to get in: the profile names a variable, and the secret is in the environment alone.
const connectors = {
  harbour: {
    connectorType: "Salesforce",
    instanceUrl,
    clientId: "nightly",
    clientSecret: { env: "SALESFORCE_SECRET" },
    bulkAbove: 10_000_000,
  },
};
const bin = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
const server = spawn(process.execPath, [bin, "start", "--data", ":memory:", "--clock", "manual", "--port", "0"], {
  env: {
    ...process.env,
    TRUNKLINE_CREDENTIALS: "",
    TRUNKLINE_CONNECTORS: JSON.stringify(connectors),
    SALESFORCE_SECRET: secret,
  },
  stdio: ["ignore", "pipe", "inherit"],
});
process.once("exit", () => server.kill());
for await (const piece of server.stdout) {
  const [, url] = /ready at (http:\S+)/.exec(piece) ?? [];
  if (url === undefined) continue;
  process.env.AWS_ENDPOINT_URL = url;
  break;
}
const { below, cleanUp, control, objectCount, pick, printTable, profiles } = await import("./customer-data.mjs");

// Thursday noon, before clocks are set forward on the last Sunday of March.
const year = new Date((await control("GET", "clock")).now).getUTCFullYear() + 1;
const lastOfMarch = new Date(Date.UTC(year, 2, 31));
const noon = (day) => new Date(Date.UTC(year, 2, 31 - lastOfMarch.getUTCDay() - 3 + day, 12));
await control("POST", "clock", { to: noon(0).toISOString() });

const CITIES = ["Kiel", "Bremen", "Lübeck", "Husum", "Rostock"];
const change = (place, at) =>
  contacts.set(place, {
    Id: `003${String(place).padStart(12, "0")}`,
    LastName: pick(["Möller", "Petersen", "Yılmaz", "Nowak", "O'Brien"]),
    Email: `contact.${place}@example.com`,
    MailingCity: pick(CITIES),
    SystemModstamp: at.toISOString().replace("Z", "+0000"),
  });
for (let place = 0; place < objectCount; place++) change(place, new Date(noon(0) - 86_400_000 * (1 + below(900))));

// A domain, what of a contact a profile is to know, and the flow.
const DomainName = "nightly";
await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
await profiles.send(
  new PutProfileObjectTypeCommand({
    DomainName,
    ObjectTypeName: "Contact",
    Description: "Contacts of Salesforce",
    AllowProfileCreation: true,
    Fields: {
      id: { Source: "_source.Id" },
      last: { Source: "_source.LastName", Target: "_profile.LastName" },
      city: { Source: "_source.MailingCity", Target: "_profile.Address.City" },
      mail: { Source: "_source.Email", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
    },
    Keys: { contactKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["id"] }] },
  }),
);
await profiles.send(
  new PutIntegrationCommand({
    DomainName,
    ObjectTypeName: "Contact",
    FlowDefinition: {
      FlowName: "contacts-nightly",
      KmsArn: "arn:aws:kms:us-east-1:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
      SourceFlowConfig: {
        ConnectorType: "Salesforce",
        ConnectorProfileName: "harbour",
        IncrementalPullConfig: { DatetimeTypeFieldName: "SystemModstamp" },
        SourceConnectorProperties: { Salesforce: { Object: "Contact" } },
      },
      Tasks: [
        {
          TaskType: "Filter",
          SourceFields: ["Id", "LastName", "Email", "MailingCity"],
          ConnectorOperator: { Salesforce: "PROJECTION" },
        },
      ],
      TriggerConfig: {
        TriggerType: "Scheduled",
        TriggerProperties: {
          Scheduled: {
            ScheduleExpression: "cron(0 3 * * ? *)",
            Timezone: "Europe/Berlin",
            DataPullMode: "Incremental",
            FirstExecutionFrom: new Date(noon(0) - 86_400_000 * 1000),
          },
        },
      },
    },
  }),
);

// Five nights. Each day at noon some contacts change; tokens end now and then, as they do.
const berlin = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "Europe/Berlin",
});
const rows = [];
let changed = contacts.size;
for (let day = 1; day <= 5; day++) {
  const before = queries.length;
  await control("POST", "clock", { to: noon(day).toISOString() });
  const [query] = queries.slice(before);
  rows.push([
    `${berlin.format(query.to)} in Berlin, ${query.to.toISOString().slice(11, 16)} UTC`,
    changed,
    query.found.length,
  ]);
  const places = new Set(Array.from({ length: Math.ceil(objectCount / 20) }, () => below(objectCount)));
  for (const place of places) change(place, noon(day));
  changed = places.size;
  if (day === 3) tokens.clear();
}
// The last day's changes come with the sixth night.
await control("POST", "clock", { to: noon(6).toISOString() });

let same = 0;
for (const { Id, LastName, MailingCity } of contacts.values()) {
  const { Items } = await profiles.send(new SearchProfilesCommand({ DomainName, KeyName: "contactKey", Values: [Id] }));
  if (Items.length === 1 && Items[0].LastName === LastName && Items[0].Address.City === MailingCity) same++;
}
printTable([...rows, ["profiles as Salesforce has them", contacts.size, same]]);
console.log(`${queries.length} nights, and a token that had ended in one of them`);
cleanUp();
instance.close();
instance.closeAllConnections();
server.kill();
