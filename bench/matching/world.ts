import { uuidOf } from "./random.ts";

/**
 * The contact-centre platform that events and rules speak of: numbered instances, each with its account, queues, agents and customers.
 * Events come from the first `INSTANCES_WITH_EVENTS`; rules are about things of the whole platform, most of which say nothing in this corpus.
 */
export const INSTANCES_WITH_EVENTS = 20;
export const QUEUES_PER_INSTANCE = 50;
export const AGENTS_PER_INSTANCE = 500;
export const CUSTOMERS_PER_INSTANCE = 10_000;
/** How many of each kind of thing rules choose from. A rule is therefore met by about one event in a million. */
export const THINGS_WITH_RULES = 1_000_000;

export function region(instance: number): string {
  return ["eu-west-2", "us-east-1", "ap-southeast-2"][instance % 3] as string;
}

export function account(instance: number): string {
  return String(440_000_000_000 + instance * 7919);
}

export function instanceArn(instance: number): string {
  return `arn:aws:connect:${region(instance)}:${account(instance)}:instance/${uuidOf("instance", instance)}`;
}

export function queueId(queue: number): string {
  return uuidOf("queue", queue);
}

export function queueArn(queue: number): string {
  return `${instanceArn(Math.floor(queue / QUEUES_PER_INSTANCE))}/queue/${queueId(queue)}`;
}

export function agentId(agent: number): string {
  return uuidOf("agent", agent);
}

export function agentArn(agent: number): string {
  return `${instanceArn(Math.floor(agent / AGENTS_PER_INSTANCE))}/agent/${agentId(agent)}`;
}

export function username(agent: number): string {
  return `site-${sixDigits(agent)}.${["priya", "jonas", "amara", "lee"][agent % 4]}`;
}

export function customerId(customer: number): string {
  return uuidOf("customer", customer).replaceAll("-", "");
}

export function customerNumber(customer: number): string {
  return `+4477${sixDigits(customer)}${customer % 10}${customer % 7}`;
}

/** Customers of business customers write from a domain of their own. */
export function customerDomain(customer: number): string {
  return `customer-${sixDigits(customer)}.example`;
}

export function templateId(template: number): string {
  return uuidOf("template", template);
}

/** A numbered thing in a name that people gave: `Escalation-004711`. */
export function sixDigits(number: number): string {
  return String(number).padStart(6, "0");
}
