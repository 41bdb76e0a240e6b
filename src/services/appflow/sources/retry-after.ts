/** A source is asked again within a day, whatever it says. */
const RETRY_AFTER_MS_MAX = 86_400_000;

/**
 * When a source wants to be asked again, in milliseconds from now: `Retry-After` is seconds or a date.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  const atMs = /^[A-Za-z]{3}, /.test(text) ? Date.parse(text) : Number.NaN;
  return bounded(secondsMs(text) ?? (Number.isNaN(atMs) ? undefined : atMs - nowMs));
}

/**
 * The same of a source that counts requests, which may say when it begins anew: ServiceNow as a time in seconds, Zendesk as seconds from now.
 *
 * https://www.servicenow.com/docs/r/api-reference/rest-api-explorer/inbound-REST-API-rate-limiting.html
 * https://developer.zendesk.com/api-reference/introduction/rate-limits/
 */
export function limitResetMs(headers: Headers, nowMs: number): number | undefined {
  const untilMs = secondsMs(headers.get("x-ratelimit-reset")?.trim() ?? "");
  return (
    retryAfterMs(headers, nowMs) ??
    bounded(secondsMs(headers.get("ratelimit-reset")?.trim() ?? "")) ??
    bounded(untilMs === undefined ? undefined : untilMs - nowMs)
  );
}

function secondsMs(text: string): number | undefined {
  return /^\d{1,10}(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : undefined;
}

function bounded(afterMs: number | undefined): number | undefined {
  return afterMs === undefined ? undefined : Math.min(Math.max(afterMs, 0), RETRY_AFTER_MS_MAX);
}
