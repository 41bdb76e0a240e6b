import { type ListedPage, type Listing, listPage, type PageRequest, slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { badRequest } from "./errors.ts";

/** "The default value is 25 and the maximum value is 500." */
const LIMIT_DEFAULT = 25;
const LIMIT_MAX = 500;

export interface Positioned {
  readonly position?: string | undefined;
  readonly limit?: number | undefined;
}

/** A page of a listing, as REST APIs' operations answer it. `of` names the listing, and what else decides what is in it. */
export async function positionPage<T>(
  context: Context,
  listing: Listing<T>,
  input: Positioned,
  of: readonly unknown[],
): Promise<{ items: T[]; position: string | undefined }> {
  return answer(await listPage(context.store, listing, pageRequest(context, input, of)));
}

/** The same of a list that is held whole, in the order of its names. */
export function slicePositions<T>(
  context: Context,
  items: readonly T[],
  nameOf: (item: T) => string,
  input: Positioned,
  of: readonly unknown[],
): { items: T[]; position: string | undefined } {
  return answer(slicePage(items, nameOf, pageRequest(context, input, of)));
}

function answer<T>({ items, nextToken }: ListedPage<T>): { items: T[]; position: string | undefined } {
  return { items: [...items], position: nextToken };
}

function pageRequest({ account, region }: Context, input: Positioned, of: readonly unknown[]): PageRequest {
  const { limit = LIMIT_DEFAULT } = input;
  return {
    of: [account, region, ...of],
    token: input.position === "" ? undefined : input.position,
    // The service takes every number, and makes the best of it.
    limit: limit < 1 ? LIMIT_DEFAULT : Math.min(limit, LIMIT_MAX),
    refuse: () => badRequest("Invalid position parameter specified"),
  };
}
