/** Records as other applications write them, through the templates that every domain has ready: what becomes of people, orders, cases and assets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  ListProfileObjectsCommand,
  type Profile,
  PutProfileObjectCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);

/** A domain of its own, into which records come in their order, each with its template. */
async function bring(DomainName: string, records: readonly (readonly [template: string, record: object])[]) {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30 }));
  for (const [ObjectTypeName, record] of records) {
    const content = JSON.stringify(record);
    await client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: content }));
  }
  return {
    async profile(KeyName: string, value: string): Promise<Profile> {
      const found = await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values: [value] }));
      const [profile, ...others] = found.Items ?? [];
      assert.ok(profile, `${KeyName} ${value}`);
      assert.deepEqual(others, []);
      return profile;
    },
    async standard({ ProfileId }: Profile, ObjectTypeName: string): Promise<readonly unknown[]> {
      const listed = await client.send(new ListProfileObjectsCommand({ DomainName, ProfileId, ObjectTypeName }));
      return (listed.Items ?? []).map(({ Object: object = "" }) => JSON.parse(object));
    },
  };
}

test("Salesforce: a person account, their contact and their asset are one profile", async () => {
  const { profile, standard } = await bring("salesforce", [
    [
      "Salesforce-Account",
      {
        attributes: { type: "Account", url: "/services/data/v60.0/sobjects/Account/001xx000003DGb2AAG" },
        Id: "001xx000003DGb2AAG",
        Name: "Ola Brask",
        IsPersonAccount: true,
        PersonContactId: "003xx000004TmiQAAS",
        PersonEmail: "ola@brask.example",
        PersonMobilePhone: "+47 900 00 001",
        PersonMailingStreet: "Strandgata 4",
        PersonMailingCity: "Bergen",
        PersonMailingPostalCode: "5003",
        PersonMailingCountry: "Norway",
        PersonBirthdate: "1988-02-29",
        FirstName: "Ola",
        LastName: "Brask",
        BillingStreet: null,
        AccountNumber: "BM-2044",
        SystemModstamp: "2026-06-10T08:15:30.000+0000",
      },
    ],
    [
      "Salesforce-Contact",
      {
        attributes: { type: "Contact", url: "/services/data/v60.0/sobjects/Contact/003xx000004TmiQAAS" },
        Id: "003xx000004TmiQAAS",
        AccountId: "001xx000003DGb2AAG",
        FirstName: "Ola",
        LastName: "Brask",
        Email: "ola@brask.example",
        Phone: "22 00 00 02",
        MailingStreet: "Strandgata 4",
        MailingAddress: { city: "Bergen", street: "Strandgata 4" },
      },
    ],
    [
      "Salesforce-Asset",
      {
        Id: "02ixx0000004CvKAAU",
        ContactId: "003xx000004TmiQAAS",
        AccountId: "001xx000003DGb2AAG",
        Name: "Outboard motor",
        SerialNumber: "OB-77",
        StockKeepingUnit: "OM-9",
        Status: "Installed",
        Price: 1290.5,
        Quantity: 1,
      },
    ],
  ]);
  const person = await profile("_salesforceContactId", "003xx000004TmiQAAS");
  assert.equal((await profile("_salesforceAccountId", "001xx000003DGb2AAG")).ProfileId, person.ProfileId);
  assert.partialDeepStrictEqual(person, {
    FirstName: "Ola",
    PartyType: "INDIVIDUAL",
    AccountNumber: "BM-2044",
    BirthDate: "1988-02-29",
    EmailAddress: "ola@brask.example",
    PersonalEmailAddress: "ola@brask.example",
    MailingAddress: { Address1: "Strandgata 4", City: "Bergen", PostalCode: "5003", Country: "Norway" },
    Attributes: { sfdcAccountId: "001xx000003DGb2AAG", sfdcContactId: "003xx000004TmiQAAS" },
  });
  assert.partialDeepStrictEqual(await standard(person, "_asset"), [
    { SerialNumber: "OB-77", ProductSKU: "OM-9", Price: "1290.5", Status: "Installed" },
  ]);
});

test("Zendesk: a user and their tickets, which change", async () => {
  const ticket = {
    url: "https://harbour.zendesk.com/api/v2/tickets/35436.json",
    id: 35436,
    requester_id: 20978392,
    subject: "Help, my printer is on fire!",
    description: "The fire is very colorful.",
    status: "open",
    priority: "high",
    created_at: "2026-06-10T22:55:29Z",
    updated_at: "2026-06-10T22:55:29Z",
  };
  const { profile, standard } = await bring("zendesk", [
    [
      "Zendesk-users",
      {
        id: 20978392,
        external_id: "ian1",
        name: "Johnny Agent",
        email: "Johnny@example.com",
        phone: "+1 555 123 4567",
        role: "end-user",
        user_fields: { tier: "gold" },
      },
    ],
    ["Zendesk-tickets", ticket],
    ["Zendesk-tickets", { ...ticket, status: "solved", updated_at: "2026-06-11T10:00:00Z" }],
  ]);
  const user = await profile("_zendeskUserId", "20978392");
  assert.equal((await profile("_zendeskExternalId", "ian1")).ProfileId, user.ProfileId);
  assert.equal((await profile("_email", "johnny@example.com")).ProfileId, user.ProfileId);
  const [found, ...others] = await standard(user, "_case");
  assert.deepEqual(others, []);
  assert.partialDeepStrictEqual(found, {
    Title: "Help, my printer is on fire!",
    Summary: "The fire is very colorful.",
    Status: "solved",
    CreatedBy: "20978392",
    UpdatedDate: "2026-06-11T10:00:00Z",
    Attributes: { ZendeskTicketId: "35436", ZendeskUserId: "20978392" },
  });
});

test("Marketo: a lead that Salesforce knows comes to the contact's profile", async () => {
  const { profile } = await bring("marketo", [
    ["Salesforce-Contact", { Id: "003xx1", FirstName: "Ina", LastName: "Dyk", Email: "ina@example.com" }],
    [
      "Marketo-leads",
      {
        id: 318581,
        sfdcContactId: "003xx1",
        firstName: "Ina",
        lastName: "Dyk",
        mobilePhone: "+49 421 555 0100",
        city: "Bremen",
        updatedAt: "2026-06-10T08:15:30Z",
      },
    ],
  ]);
  const lead = await profile("_marketoLeadId", "318581");
  assert.partialDeepStrictEqual(lead, {
    FirstName: "Ina",
    EmailAddress: "ina@example.com",
    MobilePhoneNumber: "+49 421 555 0100",
    Address: { City: "Bremen" },
    Attributes: { MarketoLeadId: "318581", sfdcContactId: "003xx1" },
  });
});

test("ServiceNow: tasks and incidents of a user, whom their references name by link and id", async () => {
  const sys_id = "6816f79cc0a8016401c5a33be04be441";
  const reference = { link: `https://harbour.service-now.com/api/now/table/sys_user/${sys_id}`, value: sys_id };
  const { profile, standard } = await bring("servicenow", [
    [
      "Servicenow-sys_user",
      { sys_id, user_name: "abel.tuter", first_name: "Abel", last_name: "Tuter", email: "abel@example.com", city: "" },
    ],
    [
      "Servicenow-task",
      {
        sys_id: "9d385017c611228701d22104cc95c371",
        opened_by: reference,
        short_description: "Reset token",
        sys_created_by: "abel.tuter",
        sys_created_on: "2026-06-10 08:00:00",
      },
    ],
    [
      "Servicenow-incident",
      {
        sys_id: "46b66a40a9fe198101f243dfbc79033d",
        caller_id: reference,
        category: "network",
        incident_status: "Open",
      },
    ],
  ]);
  const user = await profile("_serviceNowSystemId", sys_id);
  const cases = (await standard(user, "_case")) as readonly Record<string, unknown>[];
  assert.equal(cases.length, 2);
  assert.partialDeepStrictEqual(
    cases.find(({ Title }) => Title === "Reset token"),
    { CreatedBy: "abel.tuter", Attributes: { ServiceNowTaskId: "9d385017c611228701d22104cc95c371" } },
  );
  assert.partialDeepStrictEqual(
    cases.find(({ Reason }) => Reason === "network"),
    { Status: "Open", CreatedBy: reference.link },
  );
});

test("Shopify: an order of somebody who is not known yet says who they are", async () => {
  const payload = {
    id: 820982911946154500,
    email: "jon@example.com",
    phone: "+16135550127",
    customer: { id: 115310627314723950 },
    line_items: [{ title: "IPod Nano - 8GB", price: "199.00", quantity: 1 }],
    total_price: "199.00",
  };
  const { profile, standard } = await bring("shopify", [
    ["Shopify-Order", { detail: { event: { detail: { payload } } } }],
    [
      "Shopify-Customer",
      {
        detail: {
          event: { detail: { payload: { id: payload.customer.id, first_name: "Jon", email: payload.email } } },
        },
      },
    ],
  ]);
  const buyer = await profile("_email", "jon@example.com");
  assert.equal(buyer.PhoneNumber, "+16135550127");
  assert.equal(buyer.FirstName, "Jon");
  assert.partialDeepStrictEqual(await standard(buyer, "_order"), [
    { TotalPrice: "199.00", StatusCode: "DRAFT", OrderItems: [{ Title: "IPod Nano - 8GB", Quantity: "1" }] },
  ]);
});
