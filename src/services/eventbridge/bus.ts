import type { DeadLetterConfig, LogConfig, Tag } from "@aws-sdk/client-eventbridge";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type PolicyDocument, policyAllows, principalOf } from "../policy/index.ts";
import type { Caller } from "../service.ts";
import { accessDenied, notFound } from "./errors.ts";

/** Where a bus is. */
export interface BusAddress {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

/** An event bus as stored. The default bus of an account and region has a document from its first event or change on. */
export interface Bus extends BusAddress {
  readonly description?: string;
  readonly kmsKeyIdentifier?: string;
  readonly deadLetterConfig?: DeadLetterConfig;
  readonly logConfig?: LogConfig;
  readonly policy?: PolicyDocument;
  readonly tags: readonly Tag[];
  /** Absent for a default bus that was not used yet. */
  readonly createdMs?: number;
  readonly modifiedMs?: number;
}

export const BUSES: Collection<Bus> = collection("eventbridge_bus");

export const DEFAULT_BUS = "default";

export function busKey({ account, region, name }: BusAddress): string {
  return compositeKey(account, region, name);
}

export function busArn({ account, region, name }: BusAddress): string {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

const BUS_ARN = /^arn:aws[\w-]*:events:([^:]+):(\d{12}):event-bus\/(.+)$/;

/** Reads the ARN of a bus; `undefined` for every other text. */
export function parseBusArn(arn: string): BusAddress | undefined {
  const [, region, account, name] = BUS_ARN.exec(arn) ?? [];
  return region && account && name ? { account, region, name } : undefined;
}

/** The bus that a name, an ARN or nothing means to a caller. It need not exist. */
export function busAddress(
  nameOrArn: string | undefined,
  { account, region }: Pick<Caller, "account" | "region">,
): BusAddress {
  return parseBusArn(nameOrArn ?? "") ?? { account, region, name: nameOrArn ?? DEFAULT_BUS };
}

/** The same for an operation that only the owner of a bus may call, in the bus's own Region, since no other one knows it. */
export function ownBusAddress(nameOrArn: string | undefined, caller: Caller, operation: string): BusAddress {
  const address = busAddress(nameOrArn, caller);
  if (address.account !== caller.account) throw accessDenied(caller.principalArn, operation, busArn(address));
  if (address.region !== caller.region) throw noSuchBus(address.name);
  return address;
}

/** The default bus is there without having been created. */
export async function findBus(reader: Reader, address: BusAddress): Promise<Bus | undefined> {
  const bus = await reader.get(BUSES, busKey(address));
  return bus ?? (address.name === DEFAULT_BUS ? { ...address, tags: [] } : undefined);
}

export async function getBus(reader: Reader, address: BusAddress): Promise<Bus> {
  const bus = await findBus(reader, address);
  if (bus === undefined) throw noSuchBus(address.name);
  return bus;
}

/**
 * Whether a bus's policy lets somebody of another account put an event. `ruleArn`: of the rule that sends it.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
 */
export function isShared(
  bus: Bus,
  by: Pick<Caller, "account" | "principalArn">,
  { source, detailType, ruleArn }: { readonly source: string; readonly detailType: string; readonly ruleArn?: string },
): boolean {
  return policyAllows(bus.policy, {
    principal: principalOf(by.account, by.principalArn),
    action: "events:PutEvents",
    resourceArn: busArn(bus),
    conditions: {
      "events:source": [source],
      "events:detail-type": [detailType],
      "events:eventBusInvocation": [String(ruleArn !== undefined)],
      ...(ruleArn !== undefined && { "aws:SourceArn": [ruleArn], "aws:SourceAccount": [by.account] }),
    },
  });
}

/** The policy of the bus that an ARN names. */
export async function policyOf(reader: Reader, arn: string): Promise<string | undefined> {
  const address = parseBusArn(arn);
  const policy = address && (await reader.get(BUSES, busKey(address)))?.policy;
  return policy && JSON.stringify(policy);
}

export function noSuchBus(name: string): Error {
  return notFound(`Event bus ${name} does not exist.`);
}

export function busLogName({ account, region, name }: BusAddress): string {
  return `bus/${account}/${region}/${name}`;
}
