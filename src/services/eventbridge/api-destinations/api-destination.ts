import type { ApiDestinationHttpMethod, ApiDestinationState } from "@aws-sdk/client-eventbridge";
import { type Collection, collection, compositeKey, type Reader } from "../../../store/store.ts";
import type { Caller } from "../../service.ts";
import { notFound } from "../errors.ts";
import { findConnection } from "./connection.ts";

/** An HTTP endpoint that rules send events to. */
export interface ApiDestination {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** The last part of its ARN. */
  readonly id: string;
  readonly description?: string;
  readonly connectionArn: string;
  /** Each `*` stands for one of a target's `PathParameterValues`. */
  readonly endpoint: string;
  readonly method: ApiDestinationHttpMethod;
  readonly ratePerSecond: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export const API_DESTINATIONS: Collection<ApiDestination> = collection("eventbridge_api_destination");

export function apiDestinationKey({
  account,
  region,
  name,
}: Pick<ApiDestination, "account" | "region" | "name">): string {
  return compositeKey(account, region, name);
}

export function apiDestinationArn({ account, region, name, id }: ApiDestination): string {
  return `arn:aws:events:${region}:${account}:api-destination/${name}/${id}`;
}

const API_DESTINATION_ARN = /^arn:aws[\w-]*:events:([^:]+):(\d{12}):api-destination\/([^/]+)\/([^/]+)$/;

/** The destination of an ARN; `undefined` where there is none. */
export async function findApiDestination(reader: Reader, arn: string): Promise<ApiDestination | undefined> {
  const [, region, account, name, id] = API_DESTINATION_ARN.exec(arn) ?? [];
  if (!region || !account || !name) return undefined;
  const destination = await reader.get(API_DESTINATIONS, apiDestinationKey({ account, region, name }));
  return destination?.id === id ? destination : undefined;
}

export async function getApiDestination(
  reader: Reader,
  { account, region }: Caller,
  name: string,
): Promise<ApiDestination> {
  const destination = await reader.get(API_DESTINATIONS, apiDestinationKey({ account, region, name }));
  if (destination !== undefined) return destination;
  throw notFound(`Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`);
}

/** Inactive where its connection is not authorized, or not there. */
export async function stateOf(reader: Reader, { connectionArn }: ApiDestination): Promise<ApiDestinationState> {
  const connection = await findConnection(reader, connectionArn);
  return connection?.state === "AUTHORIZED" ? "ACTIVE" : "INACTIVE";
}
