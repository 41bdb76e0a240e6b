import type { JSX } from "preact";
import { shownDuration } from "../../parts/time.tsx";
import type { Attempt, Reason } from "./delivery-data.ts";

const GOOD: Readonly<Record<string, string>> = {
  delivered: "good",
  failed: "warn",
  "dead-lettered": "bad",
  dropped: "bad",
};

export function Outcome({ outcome }: { readonly outcome: string }): JSX.Element {
  return <span class={`state ${GOOD[outcome] ?? "faint"}`}>{outcome}</span>;
}

export function ShownReason({ reason }: { readonly reason: Reason | undefined }): JSX.Element | null {
  if (!reason) return null;
  return (
    <span class="reason" title={reason.message}>
      <code>{reason.code}</code> {reason.message.slice(0, 200)}
    </span>
  );
}

/** `503 after 41 ms`. */
export function Took({ attempt: { durationMs, answer } }: { readonly attempt: Attempt }): JSX.Element | null {
  if (durationMs === undefined) return null;
  return (
    <>
      {answer?.status !== undefined && <strong>{answer.status} </strong>}
      {shownDuration(durationMs)}
    </>
  );
}
