import type { SinkFailure } from "../../flow/index.ts";

/** An SMTP server that takes the mails of rules (`--smtp-server`). */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** Whom mails are from. */
  readonly sender: string;
  /** `implicit`: from the first byte on; `required`: by STARTTLS, or not at all; `offered`: by STARTTLS where the server has it. */
  readonly tls: "implicit" | "required" | "offered" | "none";
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** One mail, to one address. */
interface OutgoingMail {
  readonly id: string;
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly sentMs: number;
}

/** Wall time for each step: less than a delivery has for an attempt. */
const STEP_TIMEOUT_MS = 8_000;

/**
 * Sends a mail by SMTP, under a message id that is the same for each attempt. What a mail holds is text in its body and one line of subject;
 * nodemailer encodes both. Answers why the server did not take it: 4xx, and no answer at all, may pass.
 */
export async function sendMail(
  server: MailServer,
  { id, to, subject, text, sentMs }: OutgoingMail,
  signal: AbortSignal,
): Promise<SinkFailure | undefined> {
  const { host, port, sender, tls, credentials } = server;
  // Loaded with the first mail: most servers send none.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "required",
    ignoreTLS: tls === "none",
    ...(credentials && { auth: { user: credentials.user, pass: credentials.password } }),
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    socketTimeout: STEP_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const abort = (): void => transport.close();
  signal.addEventListener("abort", abort);
  try {
    await transport.sendMail({
      from: sender,
      to: { name: "", address: to },
      subject,
      text,
      date: new Date(sentMs),
      messageId: `<${id}@trunkline>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
    return undefined;
  } catch (error) {
    return failureOf(error as Error & { readonly code?: string; readonly responseCode?: number });
  } finally {
    signal.removeEventListener("abort", abort);
    transport.close();
  }
}

function failureOf({
  code = "SMTP",
  responseCode,
  message,
}: Error & { code?: string; responseCode?: number }): SinkFailure {
  const isRefused = responseCode !== undefined && responseCode >= 500;
  return {
    code: isRefused ? "InvalidRequestException" : "InternalServiceException",
    message: `${code}: ${message}`,
    retryable: !isRefused,
  };
}
