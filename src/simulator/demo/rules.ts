import type { Centre } from "../set-up.ts";
import type { DemoCases } from "./cases.ts";
import type { DemoStage } from "./stage.ts";

type Leaf = Readonly<Record<string, unknown>>;

const CUSTOMER_SAYS = {
  FilterClause: { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "CUSTOMER" }] },
};

function leaf(path: string, Operator: string, Operands: readonly unknown[], more: object = {}): Leaf {
  return { Operator, Operands, ComparisonValue: `$.${path}`, Negate: false, ...more };
}

const says = (section: string, ...words: readonly string[]): Leaf =>
  leaf(`ContactLens.${section}.ExactMatch.Transcript`, "CONTAINS_ANY", words, CUSTOMER_SAYS);

function functionOf(...Operands: readonly Leaf[]): string {
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } });
}

const CATEGORY = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const tell = (Name: string) => ({ ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name } });
const mail = (userId: string | undefined, Subject: string, Content: string) => ({
  ActionType: "SEND_NOTIFICATION",
  SendNotificationAction: {
    DeliveryMethod: "EMAIL",
    Subject,
    Content,
    ContentType: "PLAIN_TEXT",
    Recipient: { UserIds: [userId] },
  },
});

interface DemoRule {
  readonly Name: string;
  readonly source: string;
  readonly Function: string;
  readonly Actions: readonly object[];
  readonly isDraft?: true;
}

/** Connect rules on calls, chats, cases and metrics, published with their actions; and a draft, to be tried. */
export async function buildRules(
  { call }: DemoStage,
  { instanceId: InstanceId, userIds, queueIds, directFlowId }: Centre,
  cases: DemoCases,
): Promise<void> {
  const [lead] = userIds;
  await giveAddress(call, InstanceId, lead);
  const rules: readonly DemoRule[] = [
    {
      Name: "Asks-for-a-manager",
      source: "OnRealTimeCallAnalysisAvailable",
      Function: functionOf(says("RealTimeCall", "manager", "fed up", "third time")),
      Actions: [CATEGORY, tell("SUPERVISOR_WANTED")],
    },
    {
      Name: "Billing-complaint",
      source: "OnPostCallAnalysisAvailable",
      Function: functionOf(says("PostCall", "charged me twice", "two payments", "billed two times", "much higher")),
      Actions: [
        CATEGORY,
        {
          ActionType: "CREATE_CASE",
          CreateCaseAction: {
            TemplateId: cases.templateId,
            Fields: [
              { Id: "title", Value: { StringValue: "$.RuleName: $.ContactLens.PostCall.ContactId" } },
              { Id: "case_reason", Value: { StringValue: "Billing" } },
              { Id: cases.productField, Value: { StringValue: "Bill" } },
            ],
          },
        },
      ],
    },
    {
      Name: "Wants-to-cancel",
      source: "OnPostCallAnalysisAvailable",
      Function: functionOf(says("PostCall", "cancel", "get out of this contract")),
      Actions: [
        CATEGORY,
        {
          ActionType: "CREATE_TASK",
          TaskAction: {
            Name: "Win back",
            Description: "$.RuleName in contact $.ContactLens.PostCall.ContactId",
            ContactFlowId: directFlowId,
            References: {},
          },
        },
      ],
    },
    {
      Name: "Unhappy-at-the-end",
      source: "OnPostCallAnalysisAvailable",
      Function: functionOf(
        leaf("ContactLens.PostCall.Sentiment.Score.End", "NumberLessOrEqualTo", [-2], CUSTOMER_SAYS),
      ),
      Actions: [
        CATEGORY,
        mail(
          lead,
          "An unhappy customer",
          "Contact $.ContactLens.PostCall.ContactId with $.ContactLens.PostCall.Agent.AgentName ended badly. Please call back.",
        ),
      ],
    },
    {
      Name: "Chat-about-a-parcel",
      source: "OnPostChatAnalysisAvailable",
      Function: functionOf(says("PostChat", "parcel", "order", "tracking")),
      Actions: [CATEGORY, tell("PARCEL_ASKED_FOR")],
    },
    {
      Name: "Long-queue-in-Support",
      source: "OnMetricDataUpdate",
      Function: queueFunction(queueIds.Support, 3),
      Actions: [tell("QUEUE_TOO_LONG"), mail(lead, "Support has a long queue", "In $.MetricData.Resources")],
    },
    {
      Name: "Answer-within-four-hours",
      source: "OnCaseCreate",
      Function: functionOf(leaf("Case.Fields.status", "EQUALS", ["open"])),
      Actions: [
        {
          ActionType: "ASSIGN_SLA",
          AssignSlaAction: {
            SlaAssignmentType: "CASES",
            CaseSlaConfiguration: {
              Name: "first-answer",
              Type: "CaseField",
              FieldId: "status",
              TargetFieldValues: [{ StringValue: "closed" }],
              TargetSlaMinutes: 240,
            },
          },
        },
      ],
    },
    {
      Name: "Late-answer",
      source: "OnSlaBreach",
      Function: functionOf(leaf("RelatedItem.SlaConfiguration.Name", "CONTAINS_ANY", ["first-answer"])),
      Actions: [mail(lead, "A case waits too long", "Case $.Case.Fields.reference_number has had no answer.")],
    },
    {
      Name: "Friendly-customer",
      source: "OnPostCallAnalysisAvailable",
      Function: functionOf(says("PostCall", "wonderful", "lovely", "thank you so much")),
      Actions: [CATEGORY],
      isDraft: true,
    },
  ];
  for (const { source, isDraft, ...rule } of rules) {
    await call("connect", "CreateRule", {
      InstanceId,
      ...rule,
      TriggerEventSource: { EventSourceName: source },
      PublishStatus: isDraft ? "DRAFT" : "PUBLISHED",
    });
  }
}

/** Agents who sign in by SAML have none; mails need one. */
async function giveAddress(call: DemoStage["call"], InstanceId: string, UserId: string | undefined): Promise<void> {
  const { User } = await call("connect", "DescribeUser", { InstanceId, UserId });
  const IdentityInfo = { ...User.IdentityInfo, SecondaryEmail: "team.lead@northwind.example.com" };
  await call("connect", "UpdateUserIdentityInfo", { InstanceId, UserId, IdentityInfo });
}

/** More contacts wait in a queue than this. */
function queueFunction(queueId: string, waiting: number): string {
  const clause = (...Filters: readonly object[]) => ({ FilterClause: { LogicOperator: "AND", Filters } });
  const byQueue = clause({ Type: "MetricDataFilterByQueue", Data: [queueId] });
  const condition = leaf("MetricData.CONTACTS_IN_QUEUE", "NumberGreaterOrEqualTo", [waiting], byQueue);
  return JSON.stringify({
    Version: "2022-11-25",
    RuleFunction: {
      Operator: "AND",
      Operands: [{ Operator: "AND", Operands: [condition] }],
      ...clause({ Type: "MetricDataGrouping", Data: ["QUEUE"] }),
    },
  });
}
