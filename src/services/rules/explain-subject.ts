/** Which rules looked at a contact, or at another subject, and what each made of it: computed again from what was kept. */
import { setImmediate } from "node:timers/promises";
import type { Explanation } from "../../matching/explanation.ts";
import { compileRuleFunction } from "../../matching/rule-function/compile.ts";
import type { Answer, MetricFact } from "../../matching/rule-function/derived-fact.ts";
import {
  findContact,
  getInstance,
  type InstanceRef,
  instanceKey,
  notFound,
  type Resource,
  ResourceMetrics,
  type Rule,
  refOf,
  resourceArn,
  rules,
} from "../connect/index.ts";
import { type AnalysedTurn, findAnalysis } from "../contact-lens/index.ts";
import type { Context } from "../service.ts";
import { backtestedRule, DRAFT_ID } from "./backtested-rule.ts";
import { explainRule } from "./explain-rule.ts";
import {
  type Act,
  actsOn,
  type ConversationInput,
  type DocumentInput,
  inputsOf,
  type MetricsInput,
  type RuleInput,
  type WorkInput,
} from "./history.ts";
import { liveConversations } from "./live-conversation.ts";
import { mailTexts } from "./mail-texts.ts";
import { lookAgain, metricFactsOf } from "./metric-look.ts";
import {
  AFTERWARDS,
  afterContact,
  hearAgain,
  heardTurns,
  isFor,
  type Moment,
  ofResource,
  onDocument,
  unheard,
} from "./replay.ts";
import { RuleSet } from "./rule-set.ts";
import { ruleRevision, rulesAt } from "./rule-versions.ts";

interface ExplainedRule extends Explanation {
  /** Its ARN. */
  readonly rule: string;
  readonly name: string;
  /** In real time, of a rule that became true: by which turn. */
  readonly turn?: { readonly id: string; readonly speaker: string; readonly beginMs: number };
  /** Why nothing came of it, where it is not as it looks. */
  readonly note?: string;
  readonly actions: readonly ExplainedAction[];
}

interface ExplainedAction {
  readonly action: string;
  readonly outcome: Act["outcome"];
  readonly time: string;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly part?: string | undefined;
}

interface ExplainedInput {
  readonly source: Rule["source"];
  readonly time: string;
  /** Of what is no contact or conversation: an evaluation and the number of its submission. */
  readonly about?: string;
  /** `now`: rules on metrics as they would be asked at this moment. */
  readonly isNow?: true;
  readonly rules: readonly ExplainedRule[];
}

export interface ExplainedSubject {
  readonly instance: string;
  readonly subject: string;
  readonly inputs: readonly ExplainedInput[];
  /** Why there is nothing to tell. */
  readonly note?: string;
}

interface Question {
  readonly instanceId: string;
  /** A contact's id, or that of whatever else rules have looked at. */
  readonly subject: string;
  /** Only this rule: a name, an id or an ARN, or what CreateRule would be given. One that was not asked is tried as it is now. */
  readonly rule?: unknown;
}

/** Throws `ResourceNotFoundException` for an instance or a rule that is not there. */
export async function explainSubject(question: Question, context: Context): Promise<ExplainedSubject> {
  const { store } = context;
  const instance = refOf(await getInstance(store, context, question.instanceId));
  const only = question.rule === undefined ? undefined : await askedRule(context, instance, question.rule);
  const kept = await inputsOf(store, instance, question.subject);
  const inputs: readonly KeptInput[] = kept.length > 0 ? kept : await soFar(context, instance, question.subject);
  const acts = await actsOn(store, instance, question.subject);
  const explaining: Explaining = { context, instance, acts, only };
  const explained: ExplainedInput[] = [];
  let conversation: ConversationInput | undefined;
  for (const { input, timeMs, isGoingOn } of inputs) {
    const time = new Date(timeMs).toISOString();
    switch (input.kind) {
      case "conversation":
        conversation = input;
        explained.push(...(await explainRealTime(explaining, input, time)));
        if (!isGoingOn) explained.push(...(await explainAfterwards(explaining, input, time)));
        break;
      case "work":
        if (conversation) explained.push(...(await explainAfterwards(explaining, conversation, time, input)));
        break;
      case "metrics":
        explained.push(...(await explainLook(explaining, input, question.subject, time)));
        break;
      case "document": {
        const asked = (await askedRules(explaining, input.source, input.revision)).filter(({ rule }) =>
          isFor(listening(rule, input), input),
        );
        const set = new RuleSet();
        for (const { rule } of asked) set.add(rule);
        const moment = onDocument(set, input.document, await mailTexts(store, input));
        explained.push({
          source: input.source,
          time,
          about: input.about,
          rules: asked.map((rule) => explainedRule(explaining, rule, moment, NO_TURNS, input.about)),
        });
      }
    }
  }
  if (inputs.every(({ input }) => input.kind === "metrics")) {
    explained.push(...(await explainMetricsNow(explaining, question.subject)));
  }
  const note = explained.some(({ rules: asked }) => asked.length > 0) ? undefined : noteOn(inputs, only);
  return { instance: instance.instanceId, subject: question.subject, inputs: explained, ...(note && { note }) };
}

function noteOn({ length: inputs }: readonly KeptInput[], only: Rule | undefined): string {
  if (inputs === 0) return "Rules have looked at nothing of it, or not within the last 7 days.";
  return only
    ? `${only.name} is a rule for ${only.source}, and looks at nothing of it.`
    : "No rule that looks at it was published then.";
}

interface KeptInput {
  readonly input: RuleInput;
  readonly timeMs: number;
  readonly isGoingOn?: boolean;
}

const NO_TURNS: ReadonlyMap<string, AnalysedTurn["turn"]> = new Map();

interface Explaining {
  readonly context: Context;
  readonly instance: InstanceRef;
  readonly acts: readonly Act[];
  readonly only: Rule | undefined;
}

interface AskedRule {
  readonly rule: Rule;
  readonly note?: string;
}

/** A draft may leave open where its events come from. */
function listening(rule: Rule, { associationId }: DocumentInput): Parameters<typeof isFor>[0] {
  const { id, integrationAssociationId = id === DRAFT_ID ? associationId : undefined } = rule;
  return { id, integrationAssociationId };
}

/** Those that were published when an input came; or the one that is asked for, whatever it was then. */
async function askedRules(
  { context, instance, only }: Explaining,
  source: Rule["source"],
  revision: number,
): Promise<readonly AskedRule[]> {
  const published = await rulesAt(context.store, instance, source, revision);
  if (!only) return published.map((rule) => ({ rule }));
  if (only.source !== source) return [];
  const then = published.find(({ id }) => id === only.id);
  if (then) return [{ rule: then }];
  if (only.id === DRAFT_ID) return [{ rule: only, note: "This is what the rule would have made of it." }];
  return [{ rule: only, note: "The rule was not published then: this is what it would have made of it as it is now." }];
}

/** Throws `InvalidRequestException` for a draft that cannot be tried. */
async function askedRule(context: Context, instance: InstanceRef, rule: unknown): Promise<Rule> {
  return typeof rule === "string" ? findRule(context, instance, rule) : backtestedRule(context.store, instance, rule);
}

async function findRule({ store }: Context, instance: InstanceRef, rule: string): Promise<Rule> {
  const prefix = resourceArn("rule", instance, "");
  const id = rule.startsWith(prefix) ? rule.slice(prefix.length) : rule;
  const named = await store.list(rules, { index: "name", equals: instanceKey(instance, rule), limit: 1 });
  const found = named.documents[0] ?? (await store.get(rules, instanceKey(instance, id)));
  if (!found) throw notFound(`There is no rule ${rule} in instance ${instance.instanceId}`);
  return found;
}

/** What real-time rules know of a conversation that goes on. */
async function soFar(
  { store, clock }: Context,
  instance: InstanceRef,
  contactId: string,
): Promise<readonly KeptInput[]> {
  const live = await store.get(liveConversations, instanceKey(instance, contactId));
  const contact = live && (await findContact(store, instance, contactId, clock.now()));
  const analysis = contact && (await findAnalysis(store, contact));
  if (!analysis) return [];
  const { tellsSentiment, facts, tags } = live;
  const revision = await ruleRevision(store, instance);
  const input = {
    kind: "conversation",
    instance,
    subject: contactId,
    revision,
    analysis,
    tellsSentiment,
    facts,
    tags,
    live,
  } as const;
  return [{ input, timeMs: clock.now(), isGoingOn: true }];
}

async function explainAfterwards(
  explaining: Explaining,
  input: ConversationInput,
  time: string,
  work?: WorkInput,
): Promise<readonly ExplainedInput[]> {
  const explained: ExplainedInput[] = [];
  for (const source of AFTERWARDS[input.analysis.conversation.channel]) {
    const asked = await askedRules(explaining, source, (work ?? input).revision);
    const set = new RuleSet();
    const mine = asked.filter(({ rule }) => set.add(rule).awaitsWork === (work !== undefined));
    if (mine.length === 0) continue;
    const moment = afterContact(set, input, work);
    const turns = turnsOf(input);
    explained.push({ source, time, rules: mine.map((rule) => explainedRule(explaining, rule, moment, turns)) });
  }
  return explained;
}

/** What rules on metrics made of one resource in a look that let one of them act. */
async function explainLook(
  explaining: Explaining,
  input: MetricsInput,
  resourceId: string,
  time: string,
): Promise<readonly ExplainedInput[]> {
  const { context, instance } = explaining;
  const explained: ExplainedRule[] = [];
  for (const asked of await askedRules(explaining, METRICS, input.revision)) {
    const looked = lookAgain(instance, factsOf(asked.rule), input);
    const one = typeof looked === "string" ? undefined : looked.find(({ resource }) => resource.id === resourceId);
    if (!one) continue;
    const about = input.acted[asked.rule.id] ?? "";
    const acts = about === "" ? [] : await actsOn(context.store, instance, about);
    explained.push(explainedRule({ ...explaining, acts }, asked, ofResource(one), NO_TURNS, about));
  }
  return explained.length > 0 ? [{ source: METRICS, time, rules: explained }] : [];
}

const METRICS = "OnMetricDataUpdate";

/** What rules on metrics would make of a resource at this moment. Nothing where its id is that of something else. */
async function explainMetricsNow(explaining: Explaining, resourceId: string): Promise<readonly ExplainedInput[]> {
  const { context, instance } = explaining;
  const nowMs = context.clock.now();
  const metrics = new ResourceMetrics(context.store, { instance, nowMs, pause: setImmediate });
  const explained: ExplainedRule[] = [];
  for (const asked of await askedRules(explaining, METRICS, await ruleRevision(context.store, instance))) {
    const answers: [MetricFact, Answer][] = [];
    let resource: Resource | undefined;
    for (const fact of factsOf(asked.rule)) {
      const named = (await metrics.named(fact)).find(({ id }) => id === resourceId);
      if (named) answers.push([fact, await metrics.valueOf(fact, named)]);
      resource ??= named;
    }
    if (!resource) continue;
    const moment = ofResource({ resource, answers });
    explained.push({ ...explainedRule({ ...explaining, acts: [] }, asked, moment, NO_TURNS), actions: [] });
  }
  const time = new Date(nowMs).toISOString();
  return explained.length > 0 ? [{ source: METRICS, time, isNow: true, rules: explained }] : [];
}

function factsOf(rule: Rule): readonly MetricFact[] {
  return metricFactsOf(compileRuleFunction(rule.function, rule.source).derivedFacts);
}

/** Each rule at the turn by which it became true; one that never did, at the last turn at which it was asked. */
async function explainRealTime(
  explaining: Explaining,
  input: ConversationInput,
  time: string,
): Promise<readonly ExplainedInput[]> {
  if (!input.live) return [];
  const isChat = input.analysis.conversation.channel === "CHAT";
  const source = isChat ? "OnRealTimeChatAnalysisAvailable" : "OnRealTimeCallAnalysisAvailable";
  const found = new Map<string, { readonly asked: AskedRule; readonly moment: Moment; readonly isTrue: boolean }>();
  const sets = new Map<number, { readonly set: RuleSet; readonly asked: readonly AskedRule[] }>();
  let live = unheard(input.live);
  for (const { turn, revision } of heardTurns(input, input.live)) {
    let at = sets.get(revision);
    if (!at) {
      const asked = await askedRules(explaining, source, revision);
      const set = new RuleSet();
      for (const { rule } of asked) set.add(rule);
      at = { set, asked };
      sets.set(revision, at);
    }
    const heard = hearAgain(at.set, live, turn);
    live = heard.live;
    const matched = new Set(heard.matched.map(({ rule }) => rule.name));
    for (const asked of at.asked) {
      if (found.get(asked.rule.name)?.isTrue) continue;
      found.set(asked.rule.name, { asked, moment: heard.moment, isTrue: matched.has(asked.rule.name) });
    }
  }
  const turns = turnsOf(input);
  const explained = [...found.values()].map(({ asked, moment }) => explainedRule(explaining, asked, moment, turns));
  return explained.length > 0 ? [{ source, time, rules: explained }] : [];
}

function turnsOf({ analysis }: ConversationInput): ReadonlyMap<string, AnalysedTurn["turn"]> {
  return new Map(analysis.turns.map(({ turn }) => [turn.id, turn]));
}

function explainedRule(
  { acts }: Explaining,
  { rule, note }: AskedRule,
  moment: Moment,
  turns: ReadonlyMap<string, AnalysedTurn["turn"]>,
  about?: string,
): ExplainedRule {
  const explanation = explainRule(rule, moment, turns);
  const { turn } = moment;
  const own = acts.filter((act) => act.ruleId === rule.id && (about === undefined || act.about === about));
  return {
    rule: resourceArn("rule", rule, rule.id),
    name: rule.name,
    ...(explanation.matched &&
      turn && { turn: { id: turn.id, speaker: turn.participant.role, beginMs: turn.beginMs } }),
    ...(note !== undefined && { note }),
    ...explanation,
    actions: explanation.matched && note === undefined ? own.map(explainedAction) : [],
  };
}

function explainedAction({ actionType, outcome, timeMs, code, message, part }: Act): ExplainedAction {
  return { action: actionType, outcome, time: new Date(timeMs).toISOString(), code, message, part };
}
