import { ConfigError } from "../config.ts";
import { readTarget, request, type Target } from "./client.ts";
import { printable } from "./printable.ts";

/** What the server tells of a mail; of a list without its text. */
interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly sent: string;
  readonly ruleName: string;
  readonly contactId?: string;
  readonly text?: string;
}

/** `trunkline mailbox [list]` and `trunkline mailbox show ID`: the mails that rules have sent where no mail server is configured. */
export async function mailbox(args: readonly string[]): Promise<number> {
  const target = readTarget("mailbox", args);
  const [act = "list", id, ...more] = target.names;
  if (act === "list" && id === undefined) return list(target);
  if (act === "show" && id !== undefined && more.length === 0) return show(target, id);
  throw new ConfigError("mailbox takes list, or show and the id of a mail");
}

async function list(target: Target): Promise<number> {
  const answer = await request(
    target,
    "GET",
    `/_trunkline/mailbox?limit=${encodeURIComponent(String(target.flags.limit))}`,
  );
  const text = await answer.text();
  const { mails } = JSON.parse(text) as { mails: readonly Mail[] };
  const lines = mails.map(({ id, sent, to, subject }) => `${id}  ${sent}  ${to}  ${subject}`);
  console.log(target.flags.json ? text.trimEnd() : lines.map(printable).join("\n") || "There are no mails");
  return 0;
}

async function show(target: Target, id: string): Promise<number> {
  const answer = await request(target, "GET", `/_trunkline/mailbox/${encodeURIComponent(id)}`);
  const body = await answer.text();
  const { to, subject, sent, ruleName, contactId, text = "" } = JSON.parse(body) as Mail;
  const head = [
    `To: ${to}`,
    `Subject: ${subject}`,
    `Sent: ${sent}`,
    `Rule: ${ruleName}`,
    ...(contactId === undefined ? [] : [`Contact: ${contactId}`]),
  ];
  const lines = [...head, "", ...text.split(/\r?\n/)];
  console.log(target.flags.json ? body.trimEnd() : lines.map(printable).join("\n"));
  return 0;
}
