/** What a reader has typed into the fields of a case, and what is wrong with it. */
import type { Signal } from "@preact/signals";
import { ServerError } from "../../server.ts";
import { type Domain, type FieldValue, fieldsNamedIn, typedValue } from "./domain.ts";

export interface Draft {
  /** By field, as typed. */
  readonly texts: Readonly<Record<string, string>>;
  readonly problems: Readonly<Record<string, string>>;
  /** What is wrong with none of the fields alone. */
  readonly failure?: Error | undefined;
}

export const EMPTY_DRAFT: Draft = { texts: {}, problems: {} };

/** Somebody typed. What was said of the field is out of date. */
export function noteTyped(draft: Signal<Draft>, fieldId: string, text: string): void {
  const { [fieldId]: _, ...problems } = draft.value.problems;
  draft.value = { texts: { ...draft.value.texts, [fieldId]: text }, problems };
}

/**
 * Sends the values of a draft by `send`; whether it was taken. What is refused stands at the fields that the refusal names, and nothing of
 * what was typed is lost.
 */
export async function sendDraft(
  domain: Domain,
  draft: Signal<Draft>,
  fieldIds: readonly string[],
  send: (fields: readonly FieldValue[]) => Promise<void>,
): Promise<boolean> {
  const fields: FieldValue[] = [];
  const problems: Record<string, string> = {};
  for (const id of fieldIds) {
    const field = domain.fields.get(id);
    if (!field) continue;
    try {
      fields.push({ id, value: typedValue(field, draft.value.texts[id] ?? "") });
    } catch (error) {
      problems[id] = (error as Error).message;
    }
  }
  draft.value = { texts: draft.value.texts, problems };
  if (Object.keys(problems).length > 0) return false;
  try {
    await send(fields);
    return true;
  } catch (error) {
    draft.value = { texts: draft.value.texts, ...placed(domain, error as Error, fields) };
    return false;
  }
}

function placed(domain: Domain, error: Error, sent: readonly FieldValue[]): Pick<Draft, "problems" | "failure"> {
  const named = fieldsNamedIn(error.message, {
    known: (id) => domain.fields.has(id),
    sent: sent.map(({ id }) => id),
  });
  if (named.length === 0) return { problems: {}, failure: error };
  const code = error instanceof ServerError && error.code ? `${error.code}: ` : "";
  return { problems: Object.fromEntries(named.map((id) => [id, code + withNames(domain, error.message)])) };
}

/** Fields of one's own are named by UUIDs, which say nothing to a reader. */
function withNames(domain: Domain, message: string): string {
  return message.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => domain.fields.get(id)?.name ?? id);
}
