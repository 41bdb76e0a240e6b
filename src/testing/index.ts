/** What `import … from "trunkline/testing"` gives: a server, callers and agents, and assertions that wait, for the tests of users. */
export { Agent, AgentActs, type AnyContact, type TransferTarget } from "./agent.ts";
export type { AskedServer } from "./asked-server.ts";
export type { AgentOptions, Arrival, Centre, CentreOptions } from "./centre.ts";
export type { ClientSettings, Clients } from "./clients.ts";
export type { TestClock } from "./clock.ts";
export { RefusedError } from "./connection.ts";
export { Contact, ContactActs, type ContactView } from "./contact.ts";
export { type CaseWaiting, expectCase, type FoundCase } from "./expect-case.ts";
export { type Delivery, expectDelivery, type WantedDelivery } from "./expect-delivery.ts";
export { type BusEvent, type EventWaiting, expectEvent, expectNoEvent } from "./expect-event.ts";
export { expectProfile, type ProfileSearch } from "./expect-profile.ts";
export { expectRecord, type StreamRecord, type Wanted } from "./expect-record.ts";
export { expectRule, type RuleExpectation, type Subject } from "./expect-rule.ts";
export { type FixtureOptions, type Hooks, useTrunkline } from "./fixture.ts";
export type { Pattern } from "./matching.ts";
export { type StartOptions, startTrunkline, type TestServer } from "./start.ts";
export type { Trunkline } from "./trunkline.ts";
export type { Waiting } from "./waiting.ts";
