import type { CreateCaseRequest, CreateCaseResponse, FieldValue } from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { type Reader, UniqueIndexError, type Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { type Actor, actorName } from "./actor.ts";
import { type Case, caseArn, hasReferenceNumber } from "./case.ts";
import { requireComplete } from "./case-requirements.ts";
import { closingTimes, nextChangeMs, writeCase } from "./change-case.ts";
import { claimToken } from "./client-token.ts";
import { type Domain, type DomainRef, getDomain } from "./domain.ts";
import { conflict, invalid } from "./errors.ts";
import { type CaseValues, timeText } from "./field-value.ts";
import { checkedValues, type GivenValue } from "./given-values.ts";
import { actorOf } from "./performed-by.ts";
import { getLiveTemplate, type Template } from "./template.ts";

/** Creates a case, and tells of it. The same request with the same client token creates it once. */
export async function createCase(input: Validated<CreateCaseRequest>, context: Context): Promise<CreateCaseResponse> {
  const id = context.ids.uuid();
  const { clientToken: token, ...request } = input;
  return refusingTakenNumber(
    context.store.commit(async (unit) => {
      const domain = await getDomain(unit, context, input.domainId);
      const claim = { token, request, caseId: id, nowMs: context.clock.now() };
      const earlier = await claimToken(unit, domain, claim);
      if (earlier !== undefined) return answerOf(domain, earlier);
      await openCase(unit, context, domain, {
        id,
        templateId: input.templateId,
        fields: input.fields,
        tags: input.tags as Readonly<Record<string, string>> | undefined,
        actor: await actorOf(unit, context, input.performedBy),
      });
      return answerOf(domain, id);
    }),
  );
}

function answerOf({ account, region, domainId }: DomainRef, caseId: string): CreateCaseResponse {
  return { caseId, caseArn: caseArn({ account, region, domainId, id: caseId }) };
}

/** Two requests at once may give the same number: the store knows. */
async function refusingTakenNumber<R>(change: Promise<R>): Promise<R> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof UniqueIndexError)) throw error;
    throw conflict("Field reference_number: another case of the domain has this number");
  }
}

/** What a case is made of. */
export interface NewCase {
  readonly id: string;
  readonly templateId: string;
  readonly fields: readonly Validated<FieldValue>[];
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly actor: Actor;
  /** Ids of the Connect rules by whose actions it comes to this. */
  readonly byRules?: readonly string[] | undefined;
}

/** The same in somebody else's unit. Throws what CreateCase answers, before anything of the case is there. */
export async function openCase(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  { id, templateId, fields, tags, actor, byRules }: NewCase,
): Promise<Case> {
  const template = await getUsableTemplate(unit, domain, templateId);
  const given = await checkedValues(unit, platform, { domain, fields });
  const createdMs = nextChangeMs(platform, undefined);
  const values = await beginning(unit, platform, domain, { id, given, actor, createdMs });
  await requireComplete(unit, template, values);
  const { account, region, domainId } = domain;
  const after: Case = {
    account,
    region,
    domainId,
    id,
    templateId,
    values,
    createdMs,
    changedMs: createdMs,
    tags: mergedTags(template, tags),
  };
  await writeCase(unit, platform, domain, { after, named: given.map(({ field }) => field), actor, byRules });
  return after;
}

async function getUsableTemplate(reader: Reader, domain: Domain, id: string): Promise<Template> {
  const template = await getLiveTemplate(reader, domain, id);
  if (template.status !== "Active") throw invalid(`Template ${id} is inactive`);
  return template;
}

/** The values that a case begins with: those that are given, and those that the service fills. */
async function beginning(
  reader: Reader,
  platform: Platform,
  domain: Domain,
  of: {
    readonly id: string;
    readonly given: readonly GivenValue[];
    readonly actor: Actor;
    readonly createdMs: number;
  },
): Promise<CaseValues> {
  const { id, actor, createdMs } = of;
  const given: CaseValues = Object.fromEntries(
    of.given.flatMap(({ field, value }) => (value === undefined ? [] : [[field.id, value] as const])),
  );
  const { reference_number: number, status = "open" } = given;
  if (number !== undefined && (await hasReferenceNumber(reader, domain, String(number)))) {
    throw conflict(`Field reference_number: another case of the domain has the number ${number}`);
  }
  const [who, when] = [actorName(actor), timeText(createdMs)];
  return {
    ...given,
    case_id: id,
    status,
    reference_number: number ?? (await newNumber(reader, platform, domain)),
    created_by: who,
    created_datetime: when,
    last_updated_user: who,
    last_updated_datetime: when,
    ...closingTimes(undefined, String(status), createdMs),
  };
}

const NUMBER_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBER_CHARACTERS = 9;

/** A reference number that no case of the domain has. */
async function newNumber(reader: Reader, { ids }: Platform, domain: Domain): Promise<string> {
  const letter = (): string => NUMBER_LETTERS.charAt(Math.floor(ids.random() * NUMBER_LETTERS.length));
  for (;;) {
    const number = Array.from({ length: NUMBER_CHARACTERS }, letter).join("");
    if (!(await hasReferenceNumber(reader, domain, number))) return number;
  }
}

const TAGS_MAX = 50;

/** Those of the template, with the caller's, which win. */
function mergedTags({ caseTags }: Template, tags: Case["tags"] = {}): Case["tags"] {
  const merged = { ...caseTags, ...tags };
  if (Object.keys(merged).length <= TAGS_MAX) return merged;
  throw invalid(`tags: a case may have at most ${TAGS_MAX} tags, those of its template included`);
}
