import type { ComponentChildren, JSX } from "preact";
import { ServerError } from "../server.ts";

export function Failure({ error }: { readonly error: Error | undefined }): JSX.Element | null {
  if (!error) return null;
  return (
    <p class="failure" role="alert">
      {error instanceof ServerError && error.code && <strong>{error.code}: </strong>}
      {error.message}
    </p>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** A figure with its name; a link where there is something to see behind it. */
export function Figure({ name, value, to }: { name: string; value: string | number; to?: string }): JSX.Element {
  const inside = (
    <>
      <span class="figure-value">{value}</span>
      <span class="figure-name">{name}</span>
    </>
  );
  return to === undefined ? (
    <div class="figure">{inside}</div>
  ) : (
    <a class="figure" href={to}>
      {inside}
    </a>
  );
}

/** Above what somebody has changed and not saved. */
export function NotSaved({ discard }: { discard(): void }): JSX.Element {
  return (
    <p class="buttons" role="status">
      <strong>What is written here is not saved.</strong>
      <button type="button" onClick={discard}>
        Discard it
      </button>
    </p>
  );
}
