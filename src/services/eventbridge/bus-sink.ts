import type { Sink, SinkFailure, SinkRequest } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type Bus, type BusAddress, busLogName, isShared, parseBusArn } from "./bus.ts";
import { type BusEvent, hopsOf } from "./event.ts";
import { openBus } from "./open-bus.ts";
import { parseRuleArn } from "./rule.ts";

/** How often an event is sent on from bus to bus: to another bus, and one further. It ends every loop of rules. */
const HOPS_MAX = 2;

/** Takes the events that rules send on to another bus: as they are, with the id, account, region and time of the first. */
export function createBusSink(platform: Platform): Sink {
  return {
    async append(unit, arn, requests) {
      const address = parseBusArn(arn);
      const bus = address && (await openBus(unit, platform, address));
      if (bus === undefined) return requests.map(() => noBus(arn));
      return requests.map((request) => append(unit, bus, request));
    },
  };
}

function append(unit: Unit, bus: Bus, request: SinkRequest): SinkFailure | undefined {
  const key = request.key ?? request.deliveryId;
  const failure = refusal(bus, request, key);
  if (failure === undefined) unit.append(busLogName(bus), key, request.body);
  return failure;
}

function refusal(bus: Bus, request: SinkRequest, key: string): SinkFailure | undefined {
  if (hopsOf(key) > HOPS_MAX) {
    return refused("THIRD_ACCOUNT_HOP_DETECTED", `An event is sent on from bus to bus at most ${HOPS_MAX} times.`);
  }
  const sender = parseRuleArn(request.sourceArn)?.bus;
  if (sender === undefined || isNeighbour(bus, sender)) return undefined;
  return refusalOfForeign(bus, sender, request);
}

/** What a bus of another account or region takes: events that began with who sends them, and where its policy lets them. */
function refusalOfForeign(bus: Bus, sender: BusAddress, request: SinkRequest): SinkFailure | undefined {
  const event = JSON.parse(request.body) as BusEvent;
  if (bus.account !== sender.account && event.account !== sender.account) {
    return refused("THIRD_ACCOUNT_HOP_DETECTED", "An event is not sent on to a third account.");
  }
  if (bus.region !== sender.region && event.region !== sender.region) {
    return refused("THIRD_REGION_HOP_DETECTED", "An event is not sent on to a third Region.");
  }
  return bus.account === sender.account ? undefined : refusalByPolicy(bus, request, sender, event);
}

/** Who sends to a bus of another account is the target's role, or without one the account itself. */
function refusalByPolicy(
  bus: Bus,
  request: SinkRequest,
  { account }: BusAddress,
  event: BusEvent,
): SinkFailure | undefined {
  const role = request.parameters?.RoleArn;
  const principalArn = typeof role === "string" ? role : `arn:aws:iam::${account}:root`;
  if (principalArn.split(":")[4] !== account) {
    return refused("FAILED_TO_ASSUME_ROLE", `The role ${principalArn} is not one of account ${account}.`);
  }
  const said = { source: event.source, detailType: event["detail-type"], ruleArn: request.sourceArn };
  if (isShared(bus, { account, principalArn }, said)) return undefined;
  return refused(
    "CROSS_ACCOUNT_INGESTION_FAILED",
    `The policy of event bus ${bus.name} does not let ${principalArn} put this event.`,
  );
}

function isNeighbour(bus: BusAddress, other: BusAddress): boolean {
  return bus.account === other.account && bus.region === other.region;
}

function noBus(arn: string): SinkFailure {
  return refused("NO_RESOURCE", `Event bus ${arn} does not exist.`);
}

function refused(code: string, message: string): SinkFailure {
  return { code, message, retryable: false };
}
