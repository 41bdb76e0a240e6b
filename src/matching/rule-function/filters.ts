import type { WordCondition } from "../transcript/word-condition.ts";
import { type FilterShape, isObject, readObject } from "./function-shape.ts";
import { readNumber } from "./operands.ts";
import { cut, refuse } from "./refusal.ts";

/** The filters of a condition that is not about metrics, by the names that the language has for them. */
export type FilterType =
  | "ParticipantRole"
  | "PostCallContactPeriodSeconds"
  | "PostChatContactPeriodSeconds"
  | "RealTimeCallContactPeriodSeconds"
  | "RealTimeChatContactPeriodSeconds"
  | "PatternMatchLanguageFilter"
  | "AiAgentUseCase"
  | "AiAgentEscalatedToHuman";

/** Which filters a path takes. A role that is required is that of the agent or the customer, not `ANY`. */
export type FilterRule = { readonly [type in FilterType]?: "optional" | "required" };

/** What a condition's filters say. */
export interface Filters {
  readonly role?: WordCondition["role"];
  readonly period?: Period;
  readonly language?: string;
  readonly aiAgentUseCase?: AiAgentUseCase;
  readonly escalatedToHuman?: boolean;
}

/** A part of the contact; `past` are the trailing seconds of one that goes on. */
export type Period =
  | { readonly part: "first" | "last"; readonly seconds: number }
  | { readonly part: "past"; readonly seconds: number };

export type AiAgentUseCase = (typeof AI_AGENT_USE_CASES)[number];

export const ROLES = ["CUSTOMER", "AGENT", "ANY"] as const;
export const LANGUAGES = ["EN", "ES", "AR", "DE", "FR", "HI", "IT", "PT", "KO", "JA", "ZH"] as const;
export const AI_AGENT_USE_CASES = ["SelfService", "AgentAssistance"] as const;

const READERS: Readonly<Record<FilterType, (data: unknown, at: string) => Filters>> = {
  ParticipantRole: (data, at) => ({ role: readOneOf(data, ROLES, at) }),
  PostCallContactPeriodSeconds: readFirstOrLast,
  PostChatContactPeriodSeconds: readFirstOrLast,
  RealTimeCallContactPeriodSeconds: readPast,
  RealTimeChatContactPeriodSeconds: readPast,
  PatternMatchLanguageFilter: (data, at) => ({ language: readOneOf(data, LANGUAGES, at) }),
  AiAgentUseCase: (data, at) => ({
    aiAgentUseCase: readOneOf(isObject(data) ? data.Value : undefined, AI_AGENT_USE_CASES, `${at}.Value`),
  }),
  AiAgentEscalatedToHuman: (data, at) => ({
    escalatedToHuman: readOneOf(data, ["TRUE", "FALSE"], at) === "TRUE",
  }),
};

/**
 * Throws `InvalidRequestException`. `at` is the place of the clause. Each type may be given once, but for the role: published rules
 * name the customer and the agent in one clause, and mean the turns of either (our choice).
 */
export function readFilters(filters: readonly FilterShape[], rule: FilterRule, at: string): Filters {
  let result: Filters = {};
  const seen = new Set<string>();
  for (const { type, data } of filters) {
    if (!isFilterType(type) || rule[type] === undefined) refuse(at, `a filter ${cut(type)} is not allowed here`);
    if (seen.has(type) && type !== "ParticipantRole") refuse(at, `there may be only one filter ${type}`);
    seen.add(type);
    const read = READERS[type](data, `${at}: ${type}`);
    const isOtherRole = result.role !== undefined && read.role !== undefined && result.role !== read.role;
    result = { ...result, ...(isOtherRole ? { role: "ANY" } : read) };
  }
  for (const [type, need] of Object.entries(rule)) {
    if (need === "required" && !seen.has(type)) refuse(at, `a filter ${type} is required`);
  }
  if (rule.ParticipantRole === "required" && result.role === "ANY") {
    refuse(at, "the filter ParticipantRole must name either AGENT or CUSTOMER");
  }
  return result;
}

function isFilterType(type: string): type is FilterType {
  return Object.hasOwn(READERS, type);
}

export function readOneOf<T extends string>(value: unknown, allowed: readonly T[], at: string): T {
  return allowed.find((each) => each === value) ?? refuse(at, `must be one of ${allowed.join(", ")}`);
}

const SECONDS = { kind: "integer", min: 1 } as const;

function readFirstOrLast(data: unknown, at: string): Filters {
  const { First: first, Last: last } = readObject(data, at);
  if ((first === undefined) === (last === undefined)) refuse(at, "must have either First or Last");
  if (first === undefined) return { period: { part: "last", seconds: readNumber(last, SECONDS, `${at}.Last`) } };
  return { period: { part: "first", seconds: readNumber(first, SECONDS, `${at}.First`) } };
}

function readPast(data: unknown, at: string): Filters {
  return { period: { part: "past", seconds: readNumber(readObject(data, at).Past, SECONDS, `${at}.Past`) } };
}
