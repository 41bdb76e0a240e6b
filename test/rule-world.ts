/** A contact centre with Contact Lens switched on, rules, and calls and chats that are played from lines. */
import {
  CreateContactFlowCommand,
  CreateRuleCommand,
  type CreateRuleCommandInput,
  type EventSourceName,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import { analysedCalls, analysedChats } from "./analysed-flows.ts";
import { type Centre, openCentre } from "./contact-centre.ts";
import type { TestServer } from "./server.ts";

export type Line = readonly [speaker: "AGENT" | "CUSTOMER", text: string];

export interface RuleWorld extends Centre {
  readonly agentId: string;
  readonly instanceArn: string;
  /** Creates a rule, published unless told otherwise, and answers with its id. */
  rule(source: EventSourceName, name: string, text: string, changes?: Partial<CreateRuleCommandInput>): Promise<string>;
  /** A call or chat that is answered, talked through and over, with all that follows from it. Each line takes two seconds. */
  talk(channel: "VOICE" | "CHAT", lines: readonly Line[], arrival?: object): Promise<string>;
  /** The same, still going on. */
  begin(channel: "VOICE" | "CHAT", arrival?: object): Promise<string>;
  say(contactId: string, line: Line): Promise<void>;
  end(contactId: string): Promise<void>;
}

export async function openRuleWorld(server: TestServer): Promise<RuleWorld> {
  const centre = await openCentre(server);
  const { connect, InstanceId, queueId } = centre;
  await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
  const agentId = await centre.agent("vera");
  const flows = {
    VOICE: analysedCalls(queueId, { AnalyticsModes: ["RealTime", "PostContact"], AnalyticsLanguage: "en-US" }),
    CHAT: analysedChats(queueId, { SentimentConfiguration: { Enabled: "True" } }),
  };
  const calls = new Set<string>();
  const flowIds: Partial<Record<"VOICE" | "CHAT", string>> = {};

  const world: RuleWorld = {
    ...centre,
    agentId,
    instanceArn: `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`,
    async rule(EventSourceName, Name, text, changes = {}) {
      const created = await connect.send(
        new CreateRuleCommand({
          InstanceId,
          Name,
          TriggerEventSource: { EventSourceName },
          Function: text,
          Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
          PublishStatus: "PUBLISHED",
          ...changes,
        }),
      );
      return created.RuleId ?? "";
    },
    async begin(channel, arrival = {}) {
      if (flowIds[channel] === undefined) {
        const flow = {
          InstanceId,
          Name: `analysed ${channel}`,
          Type: "CONTACT_FLOW",
          Content: flows[channel],
        } as const;
        flowIds[channel] = (await connect.send(new CreateContactFlowCommand(flow))).ContactFlowId ?? "";
      }
      const contactId = await centre.arrive({ ...arrival, channel, contactFlowId: flowIds[channel] });
      await centre.act(agentId, "accept", { contactId });
      if (channel === "VOICE") calls.add(contactId);
      return contactId;
    },
    async say(contactId, [speaker, text]) {
      const seconds = calls.has(contactId) ? 2 : 0;
      await centre.customer(contactId, "say", { speaker, text, seconds });
      await server.advance("PT2S");
    },
    async end(contactId) {
      await centre.customer(contactId, "hang-up");
      await centre.act(agentId, "clear", { contactId });
      await server.advance("PT0S");
    },
    async talk(channel, lines, arrival) {
      const contactId = await world.begin(channel, arrival);
      for (const line of lines) await world.say(contactId, line);
      await world.end(contactId);
      return contactId;
    },
  };
  return world;
}

/** A rule's function of conditions that must all hold: the end of a path below the section, an operator, operands, and what else it has. */
export function allOf(
  section: string,
  ...conditions: readonly (readonly [path: string, operator: string, operands: readonly unknown[], more?: object])[]
): string {
  const Operands = conditions.map(([path, Operator, operands, more = {}]) => ({
    Operator,
    Operands: operands,
    ComparisonValue: `$.ContactLens.${section}.${path}`,
    Negate: false,
    ...more,
  }));
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } });
}
