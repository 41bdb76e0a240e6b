import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useLoaded } from "../query.ts";
import { Failure } from "./notes.tsx";

/** A line that opens to what is asked of the server only then. */
export function Opening<T>({
  summary,
  name,
  load,
  everyMs,
  children,
}: {
  readonly summary: ComponentChildren;
  /** What is loaded: another one is loaded anew. */
  readonly name: string;
  load(signal: AbortSignal): Promise<T>;
  readonly everyMs?: number;
  children(value: T): ComponentChildren;
}): JSX.Element {
  const isOpen = useSignal(false);
  return (
    <details
      class="unfolding"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{summary}</summary>
      {isOpen.value && (
        <Opened name={name} load={load} {...(everyMs !== undefined && { everyMs })}>
          {children}
        </Opened>
      )}
    </details>
  );
}

function Opened<T>({
  name,
  load,
  everyMs,
  children,
}: {
  readonly name: string;
  load(signal: AbortSignal): Promise<T>;
  readonly everyMs?: number;
  children(value: T): ComponentChildren;
}): JSX.Element {
  const { value, error } = useLoaded(name, load, everyMs === undefined ? {} : { everyMs });
  return (
    <>
      <Failure error={error} />
      {value !== undefined && children(value)}
    </>
  );
}
