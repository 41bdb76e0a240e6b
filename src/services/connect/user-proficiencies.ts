import type {
  AssociateUserProficienciesRequest,
  DisassociateUserProficienciesRequest,
  ListUserProficienciesRequest,
  ListUserProficienciesResponse,
  UpdateUserProficienciesRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { invalidNextToken, invalidParameter, notFound } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { useAttributeValue } from "./predefined-attributes.ts";
import { changeUser } from "./update-user.ts";
import { getUser, type Proficiency } from "./users.ts";

/** Our choice, after the published limits. */
const PER_REQUEST_MAX = 10;
const PER_USER_MAX = 50;

/** Adds proficiencies that the user does not have yet. */
export async function associateUserProficiencies(
  input: Validated<AssociateUserProficienciesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  requireProficiencies(input.UserProficiencies);
  return changeUser(input, context, async ({ unit, instance, user }) => {
    const proficiencies = new Map(byIdentity(user.proficiencies));
    for (const { AttributeName, AttributeValue: value, Level: level } of input.UserProficiencies) {
      const { name } = await useAttributeValue(unit, instance, AttributeName, value);
      if (proficiencies.has(identityOf({ name, value }))) {
        throw invalidParameter(`User ${user.id} has the proficiency ${name}, ${value} already`);
      }
      proficiencies.set(identityOf({ name, value }), { name, value, level });
    }
    if (proficiencies.size > PER_USER_MAX) {
      throw invalidParameter(`A user may have at most ${PER_USER_MAX} proficiencies`);
    }
    return { proficiencies: inOrder(proficiencies) };
  });
}

/** Changes the levels of proficiencies that the user has. */
export async function updateUserProficiencies(
  input: Validated<UpdateUserProficienciesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  requireProficiencies(input.UserProficiencies);
  return changeUser(input, context, async ({ user }) => {
    const proficiencies = new Map(byIdentity(user.proficiencies));
    for (const { AttributeName: name, AttributeValue: value, Level: level } of input.UserProficiencies) {
      const identity = identityOf({ name, value });
      const proficiency = proficiencies.get(identity);
      if (!proficiency) throw notFound(`User ${user.id} does not have the proficiency ${name}, ${value}`);
      proficiencies.set(identity, { ...proficiency, level });
    }
    return { proficiencies: inOrder(proficiencies) };
  });
}

/** Takes proficiencies away; those that the user does not have are none (our choice). */
export async function disassociateUserProficiencies(
  input: Validated<DisassociateUserProficienciesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  requireFew(input.UserProficiencies);
  const removed = new Set(
    input.UserProficiencies.map(({ AttributeName: name, AttributeValue: value }) => identityOf({ name, value })),
  );
  return changeUser(input, context, async ({ user }) => ({
    proficiencies: user.proficiencies.filter((proficiency) => !removed.has(identityOf(proficiency))),
  }));
}

export async function listUserProficiencies(
  input: Validated<ListUserProficienciesRequest>,
  context: Context,
): Promise<ListUserProficienciesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const user = await getUser(context.store, instance, input.UserId);
  const page = slicePage(user.proficiencies, identityOf, {
    of: ["ListUserProficiencies", resourceKey(user)],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    UserProficiencyList: page.items.map(({ name, value, level }) => ({
      AttributeName: name,
      AttributeValue: value,
      Level: level,
    })),
    NextToken: page.nextToken,
    LastModifiedTime: new Date(user.lastModifiedMs),
    LastModifiedRegion: user.region,
  };
}

function requireProficiencies(given: readonly { readonly Level: number }[]): void {
  requireFew(given);
  if (given.some(({ Level }) => !Number.isInteger(Level))) throw invalidParameter("Level is 1, 2, 3, 4 or 5");
}

function requireFew(given: readonly unknown[]): void {
  if (given.length > PER_REQUEST_MAX) throw invalidParameter(`At most ${PER_REQUEST_MAX} proficiencies at once`);
}

/** What makes two proficiencies the same one. Names of attributes are alike in upper and lower case. */
function identityOf({ name, value }: Pick<Proficiency, "name" | "value">): string {
  return compositeKey(name.toLowerCase(), value);
}

function byIdentity(proficiencies: readonly Proficiency[]): [string, Proficiency][] {
  return proficiencies.map((proficiency) => [identityOf(proficiency), proficiency]);
}

function inOrder(proficiencies: ReadonlyMap<string, Proficiency>): Proficiency[] {
  const sorted = [...proficiencies].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, proficiency]) => proficiency);
}
