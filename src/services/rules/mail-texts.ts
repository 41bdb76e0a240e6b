import type { Reader } from "../../store/store.ts";
import { findEmailMessage } from "../connect/index.ts";
import type { DocumentInput } from "./history.ts";
import { textOfHtml } from "./html-text.ts";

/**
 * In which words of a mail are looked for: its subject and its body. They are read where they lie, each time, and are kept nowhere else: so what
 * DeleteContactData takes away is gone for explanations and backtests too. What is no mail has none.
 */
export async function mailTexts(
  reader: Reader,
  { instance, source, subject: contactId }: Pick<DocumentInput, "instance" | "source" | "subject">,
): Promise<readonly string[]> {
  if (source !== "OnEmailAnalysisAvailable") return [];
  const mail = await findEmailMessage(reader, { ...instance, id: contactId });
  if (!mail) return [];
  return [mail.subject, mail.contentType.includes("html") ? textOfHtml(mail.body) : mail.body];
}
