import type { ExplainedSubject } from "../../services/rules/index.ts";
import { type Entry, iso, lastPart } from "./entry.ts";

interface Conversation {
  readonly beganMs: number;
  readonly lastHeardMs: number;
  readonly turns: ReadonlySet<string>;
}

/** Each rule that looked at something, with its verdict, and what it did then. */
export function ruleEntries(
  { inputs, instance }: ExplainedSubject,
  { beganMs, lastHeardMs, turns }: Conversation,
): readonly Entry[] {
  return inputs.flatMap(({ source, time, about, rules }, look) =>
    rules.flatMap(({ rule, name, turn, note, actions, ...explanation }) => {
      const { matched, reason } = explanation;
      // A rule in real time is asked at each turn: it is true at one of them, or was asked last at the last one.
      const atMs = turn ? beganMs + turn.beginMs : lastHeardMs;
      const at = source.startsWith("OnRealTime") ? iso(atMs) : time;
      const id = `rule:${source}:${about ?? look}:${lastPart(rule)}`;
      const link = { title: "Rule", to: ["rules", instance, lastPart(rule)] };
      const verdict: Entry = {
        id,
        at,
        kind: "rule",
        title: name,
        detail: [matched ? "true" : "not true", SOURCES[source] ?? source, note ?? reason].filter(Boolean).join(" · "),
        tone: matched ? "good" : "bad",
        ...(turn && turns.has(turn.id) && { of: `said:${turn.id}` }),
        explanation,
        links: [link],
        document: { rule, name, source, about, time, turn, note, ...explanation, actions },
      };
      const acted = actions.map(
        (action, place): Entry => ({
          id: `${id}:action:${place}:${action.action}`,
          at: action.time,
          kind: "action",
          title: action.action,
          detail: [action.outcome, `by ${name}`, action.part, action.code, action.message].filter(Boolean).join(" · "),
          tone: action.outcome === "done" ? "good" : action.outcome === "failed" ? "bad" : "warn",
          links: [link],
          document: action,
        }),
      );
      return [verdict, ...acted];
    }),
  );
}

const SOURCES: Readonly<Record<string, string>> = {
  OnRealTimeCallAnalysisAvailable: "in real time",
  OnRealTimeChatAnalysisAvailable: "in real time",
  OnPostCallAnalysisAvailable: "after the call",
  OnPostChatAnalysisAvailable: "after the chat",
};
