/** What the links of a message lead to. They need no signature: who has got the message may follow them. */
import { ModeledError } from "../../models/modeled-error.ts";
import type { Platform } from "../service.ts";
import { confirm } from "./confirmation.ts";
import { certificateAt } from "./signing.ts";
import { endSubscription } from "./subscriptions.ts";

export interface LinkAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

/** Whether a request without a signature is for `followLink`. */
export function isLink(path: string, query: string): boolean {
  if (/^\/SimpleNotificationService-[0-9a-f]+\.pem$/.test(path)) return true;
  return (
    path === "/" && /(^|&)Action=(ConfirmSubscription|Unsubscribe)(&|$)/.test(query) && !/X-Amz-Signature=/.test(query)
  );
}

export async function followLink(
  platform: Platform,
  path: string,
  query: string,
  requestId: string,
): Promise<LinkAnswer> {
  if (path !== "/") {
    const certificate = await certificateAt(platform, path);
    return certificate === undefined
      ? { status: 404, contentType: "text/plain", body: "There is no such certificate.\n" }
      : { status: 200, contentType: "application/x-pem-file", body: certificate };
  }
  const parameters = new URLSearchParams(query);
  const id = `<RequestId>${requestId}</RequestId>`;
  try {
    const action = parameters.get("Action") ?? "";
    const result = await act(platform, action, parameters);
    const metadata = `<ResponseMetadata>${id}</ResponseMetadata>`;
    return xml(200, `<${action}Response xmlns="${NAMESPACE}">${result}${metadata}</${action}Response>`);
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    const isForbidden = error.code === "AuthorizationErrorException";
    const code = error.code.replace(/Exception$/, "");
    const content = `<Type>Sender</Type><Code>${code}</Code><Message>${escaped(error.message)}</Message>`;
    const status = isForbidden ? 403 : code === "NotFound" ? 404 : 400;
    return xml(status, `<ErrorResponse xmlns="${NAMESPACE}"><Error>${content}</Error>${id}</ErrorResponse>`);
  }
}

async function act(platform: Platform, action: string, parameters: URLSearchParams): Promise<string> {
  if (action === "Unsubscribe") {
    await endSubscription(platform, parameters.get("SubscriptionArn") ?? "", undefined);
    return "";
  }
  const given = { arn: parameters.get("TopicArn") ?? "", token: parameters.get("Token") ?? "" };
  const { SubscriptionArn } = await confirm(platform, given);
  const content = `<SubscriptionArn>${escaped(SubscriptionArn)}</SubscriptionArn>`;
  return `<ConfirmSubscriptionResult>${content}</ConfirmSubscriptionResult>`;
}

function xml(status: number, body: string): LinkAnswer {
  return { status, contentType: "text/xml", body };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
