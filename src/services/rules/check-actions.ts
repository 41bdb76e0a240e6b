import type {
  AssignSlaActionDefinition,
  CreateCaseActionDefinition,
  EventSourceName,
  ExtractInformationActionDefinition,
  FieldValue,
  FieldValueUnion,
  NotificationRecipientType,
  RuleAction,
  SendNotificationActionDefinition,
  TaskActionDefinition,
  UpdateCaseActionDefinition,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { invalidRequest } from "../connect/index.ts";
import { ACTION_MEMBERS, type InAppNotification, type RuleActionType, SOURCE_ACTIONS } from "./action-table.ts";
import { holdsVariable } from "./variables.ts";

/** Throws `InvalidRequestException` for actions that do not go with the event source, or that make no sense. Names the place in `Actions`. */
export function checkActions(actions: readonly Validated<RuleAction>[], source: EventSourceName): void {
  const { required, allowed } = SOURCE_ACTIONS[source];
  if (actions.length === 0 && allowed.length > 0) refuse("Actions", "must hold at least one action");
  const seen = new Set<RuleActionType>();
  for (const [index, action] of actions.entries()) {
    const at = `Actions[${index}]`;
    const type: RuleActionType = action.ActionType;
    if (!allowed.includes(type)) {
      const others = allowed.length > 0 ? `, only with ${allowed.join(", ")}` : "";
      refuse(`${at}.ActionType`, `${type} does not go with ${source}${others}`);
    }
    if (seen.has(type)) refuse(`${at}.ActionType`, `a rule may have only one ${type}`);
    seen.add(type);
    const member = ACTION_MEMBERS[type];
    const details = (action as Readonly<Record<string, unknown>>)[member];
    if (details === undefined) refuse(`${at}.${member}`, `is required for ${type}`);
    CHECKS[type]?.(details, `${at}.${member}`);
  }
  if (required !== undefined && !seen.has(required)) {
    refuse("Actions", `a rule for ${source} needs the action ${required}`);
  }
}

/** What the model has not checked of an action's own member; `at` is its place. */
// biome-ignore lint/suspicious/noExplicitAny: each check takes the member that its key stands for in `ACTION_MEMBERS`.
const CHECKS: Readonly<Partial<Record<RuleActionType, (details: any, at: string) => void>>> = {
  CREATE_TASK: checkTask,
  SEND_NOTIFICATION: ({ Recipient }: SendNotificationActionDefinition, at) =>
    checkRecipients(Recipient, EMAIL_USERS_MAX, `${at}.Recipient`),
  SEND_IN_APP_NOTIFICATION: ({ Recipient, Content }: InAppNotification, at) => {
    checkRecipients(Recipient, IN_APP_USERS_MAX, `${at}.Recipient`);
    if (Object.keys(Content).length === 0) refuse(`${at}.Content`, "must hold a text in at least one locale");
    // What holds a variable is known only when it is told.
    const known = Object.entries(Content).filter(([, text]) => !holdsVariable(text));
    requireInAppTexts(Object.fromEntries(known), `${at}.Content`);
  },
  CREATE_CASE: ({ Fields }: CreateCaseActionDefinition, at) => checkFields(Fields, `${at}.Fields`),
  UPDATE_CASE: ({ Fields }: UpdateCaseActionDefinition, at) => checkFields(Fields, `${at}.Fields`),
  ASSIGN_SLA: checkSla,
  EXTRACT_INFORMATION: ({ RulesExtractionDefinitions: definitions = [] }: ExtractInformationActionDefinition, at) => {
    if (definitions.length === 0) refuse(`${at}.RulesExtractionDefinitions`, "must not be empty");
  },
};

/** "Up to 25 additional references" (administrator guide). */
const REFERENCES_MAX = 25;
/** "The maximum size of all references of a contact." */
const REFERENCES_BYTES_MAX = 4_096;
/** CloudFormation's pattern of a reference to a URL. */
const URL = /^(?:\/|https:)/;

/** What holds a variable is known only when the task is made. */
function checkTask({ References = {} }: Validated<TaskActionDefinition>, at: string): void {
  const references = Object.entries(References);
  if (references.length > REFERENCES_MAX) refuse(`${at}.References`, `may hold at most ${REFERENCES_MAX} references`);
  const known = references.filter(([, { Value: value = "" }]) => !holdsVariable(value));
  requireUrls(Object.fromEntries(known), `${at}.References`);
  const sized = references.map(([name, { Value: value = "" }]) => [name, { Value: holdsVariable(value) ? "" : value }]);
  requireRoom(Object.fromEntries(sized), `${at}.References`);
}

interface SentReferences {
  readonly [name: string]: { readonly Type?: string | undefined; readonly Value?: string | undefined };
}

/** Agents follow a reference to a URL: a value that somebody outside has chosen cannot make it one of another kind. Throws `InvalidRequestException`. */
export function requireUrls(references: SentReferences, at: string): void {
  for (const [name, { Type: type, Value: value = "" }] of Object.entries(references)) {
    if (type === "URL" && !URL.test(value)) refuse(`${at}.${name}.Value`, "must begin with / or https:");
  }
}

/** Names and values of references, together. Throws `InvalidRequestException`. */
export function requireRoom(references: SentReferences, at: string): void {
  const texts = Object.entries(references).flatMap(([name, { Value: value = "" }]) => [name, value]);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > REFERENCES_BYTES_MAX) refuse(at, `may hold at most ${REFERENCES_BYTES_MAX} bytes`);
}

/** CloudFormation's. */
const EMAIL_USERS_MAX = 5;
const IN_APP_USERS_MAX = 100;

function checkRecipients(
  { UserIds: users = [], UserTags = {} }: NotificationRecipientType = {},
  usersMax: number,
  at: string,
): void {
  if (users.length === 0 && Object.keys(UserTags).length === 0) {
    refuse(at, "must name users by UserIds or UserTags");
  }
  if (users.length > usersMax) refuse(`${at}.UserIds`, `may hold at most ${usersMax} users`);
}

/** Of `[label](url)` only the label counts (administrator guide). */
const IN_APP_CHARACTERS_MAX = 500;
const LINK = /\[([^\]]*)\]\([^)]*\)/g;

/** Texts of a notification by their locales. Throws `InvalidRequestException`. */
export function requireInAppTexts(texts: Readonly<Record<string, string>>, at: string): void {
  for (const [locale, text] of Object.entries(texts)) {
    if (text.replaceAll(LINK, "$1").length > IN_APP_CHARACTERS_MAX) {
      refuse(`${at}.${locale}`, `may show at most ${IN_APP_CHARACTERS_MAX} characters`);
    }
  }
}

/** CloudFormation's. */
const FIELDS_MAX = 100;

function checkFields(fields: readonly FieldValue[] = [], at: string): void {
  if (fields.length === 0) refuse(at, "must not be empty");
  if (fields.length > FIELDS_MAX) refuse(at, `may hold at most ${FIELDS_MAX} fields`);
  for (const [index, { Value: value }] of fields.entries()) checkUnion(value, `${at}[${index}].Value`);
}

function checkSla({ CaseSlaConfiguration: configuration }: AssignSlaActionDefinition, at: string): void {
  if (configuration === undefined) refuse(`${at}.CaseSlaConfiguration`, "is required");
  for (const [index, value] of (configuration.TargetFieldValues ?? []).entries()) {
    checkUnion(value, `${at}.CaseSlaConfiguration.TargetFieldValues[${index}]`);
  }
}

function checkUnion(value: FieldValueUnion | undefined, at: string): void {
  if (Object.keys(value ?? {}).length !== 1) refuse(at, "must hold exactly one kind of value");
}

function refuse(at: string, reason: string): never {
  throw invalidRequest(`${at}: ${reason}`);
}
