import type {
  ApiDestination as ApiDestinationSummary,
  CreateApiDestinationRequest,
  CreateApiDestinationResponse,
  DeleteApiDestinationRequest,
  DeleteApiDestinationResponse,
  DescribeApiDestinationRequest,
  DescribeApiDestinationResponse,
  ListApiDestinationsRequest,
  ListApiDestinationsResponse,
  UpdateApiDestinationRequest,
  UpdateApiDestinationResponse,
} from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import { countUpTo } from "../../count-up-to.ts";
import { listPage } from "../../list-page.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context } from "../../service.ts";
import { invalidNextToken, limitExceeded } from "../errors.ts";
import { PAGE_SIZE } from "../limits.ts";
import {
  API_DESTINATIONS,
  type ApiDestination,
  apiDestinationArn,
  apiDestinationKey,
  getApiDestination,
  stateOf,
} from "./api-destination.ts";
import { findConnection, noSuchConnection } from "./connection.ts";
import { checkEndpoint } from "./endpoint.ts";

/** API destinations of an account in a Region, from the service quotas. */
export const API_DESTINATIONS_MAX = 3_000;
/** Calls of a destination a second where its owner does not say. */
const RATE_PER_SECOND = 300;

export async function createApiDestination(
  input: Validated<CreateApiDestinationRequest>,
  context: Context,
): Promise<CreateApiDestinationResponse> {
  checkEndpoint(input.InvocationEndpoint, "InvocationEndpoint");
  const { account, region } = context;
  const nowMs = context.clock.now();
  const destination: ApiDestination = {
    account,
    region,
    name: input.Name,
    id: context.ids.uuid(),
    ...(input.Description !== undefined && { description: input.Description }),
    connectionArn: input.ConnectionArn,
    endpoint: input.InvocationEndpoint,
    method: input.HttpMethod,
    ratePerSecond: input.InvocationRateLimitPerSecond ?? RATE_PER_SECOND,
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
  return context.store.commit(async (unit) => {
    if (await unit.get(API_DESTINATIONS, apiDestinationKey(destination))) {
      throw new ModeledError("ResourceAlreadyExistsException", `An api-destination '${input.Name}' already exists.`);
    }
    await checkConnection(unit, input.ConnectionArn, context);
    await checkCount(unit, context);
    unit.put(API_DESTINATIONS, apiDestinationKey(destination), destination);
    return changed(unit, destination);
  });
}

export async function describeApiDestination(
  input: Validated<DescribeApiDestinationRequest>,
  context: Context,
): Promise<DescribeApiDestinationResponse> {
  const destination = await getApiDestination(context.store, context, input.Name);
  const { description } = destination;
  return {
    ...(await summary(context.store, destination)),
    ...(description !== undefined && { Description: description }),
  };
}

export async function listApiDestinations(
  input: Validated<ListApiDestinationsRequest>,
  context: Context,
): Promise<ListApiDestinationsResponse> {
  const { account, region } = context;
  const { NamePrefix, ConnectionArn } = input;
  const page = await listPage(
    context.store,
    {
      collection: API_DESTINATIONS,
      under: [account, region],
      prefix: NamePrefix,
      nameOf: ({ name }) => name,
      keep: ({ connectionArn }) => ConnectionArn === undefined || connectionArn === ConnectionArn,
    },
    {
      of: [account, region, "ListApiDestinations", NamePrefix, ConnectionArn],
      token: input.NextToken,
      limit: input.Limit ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const ApiDestinations: ApiDestinationSummary[] = [];
  for (const destination of page.items) ApiDestinations.push(await summary(context.store, destination));
  return { ApiDestinations, ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

/** Changes what is given and leaves the rest. */
export async function updateApiDestination(
  input: Validated<UpdateApiDestinationRequest>,
  context: Context,
): Promise<UpdateApiDestinationResponse> {
  if (input.InvocationEndpoint !== undefined) checkEndpoint(input.InvocationEndpoint, "InvocationEndpoint");
  const modifiedMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const found = await getApiDestination(unit, context, input.Name);
    if (input.ConnectionArn !== undefined) await checkConnection(unit, input.ConnectionArn, context);
    const updated: ApiDestination = {
      ...found,
      ...(input.Description !== undefined && { description: input.Description }),
      connectionArn: input.ConnectionArn ?? found.connectionArn,
      endpoint: input.InvocationEndpoint ?? found.endpoint,
      method: input.HttpMethod ?? found.method,
      ratePerSecond: input.InvocationRateLimitPerSecond ?? found.ratePerSecond,
      modifiedMs,
    };
    unit.put(API_DESTINATIONS, apiDestinationKey(updated), updated);
    return changed(unit, updated);
  });
}

/** What is still owed to it goes to the dead-letter queues of its rules. */
export async function deleteApiDestination(
  input: Validated<DeleteApiDestinationRequest>,
  context: Context,
): Promise<DeleteApiDestinationResponse> {
  await context.store.commit(async (unit) => {
    const found = await getApiDestination(unit, context, input.Name);
    unit.delete(API_DESTINATIONS, apiDestinationKey(found));
  });
  return {};
}

async function checkConnection(unit: Unit, arn: string, { account, region }: Context): Promise<void> {
  const connection = await findConnection(unit, arn);
  if (connection?.account === account && connection.region === region) return;
  throw noSuchConnection(arn.split("/")[1] ?? arn);
}

async function checkCount(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  const prefix = compositeKey(account, region, "");
  await guardRange(unit, compositeKey(account, region, "eventbridge api-destinations"));
  const most = limits.value("events.api-destinations", API_DESTINATIONS_MAX);
  if ((await countUpTo(unit, { collection: API_DESTINATIONS, prefix }, most)) >= most) throw limitExceeded();
}

async function changed(reader: Reader, destination: ApiDestination): Promise<CreateApiDestinationResponse> {
  return {
    ApiDestinationArn: apiDestinationArn(destination),
    ApiDestinationState: await stateOf(reader, destination),
    CreationTime: new Date(destination.createdMs),
    LastModifiedTime: new Date(destination.modifiedMs),
  };
}

async function summary(reader: Reader, destination: ApiDestination): Promise<ApiDestinationSummary> {
  const { name, connectionArn, endpoint, method, ratePerSecond } = destination;
  return {
    ...(await changed(reader, destination)),
    Name: name,
    ConnectionArn: connectionArn,
    InvocationEndpoint: endpoint,
    HttpMethod: method,
    InvocationRateLimitPerSecond: ratePerSecond,
  };
}
