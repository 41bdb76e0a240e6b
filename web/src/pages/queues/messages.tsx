import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { Arn } from "../../parts/arn.tsx";
import { ActionButton } from "../../parts/form.tsx";
import { DownloadButton } from "../../parts/page.tsx";
import { Payload } from "../../parts/payload.tsx";
import { Time } from "../../parts/time.tsx";
import { read } from "../../server.ts";
import type { Origin, QueueMessage } from "./queue-data.ts";
import "./messages.css";

/** Messages as they lie in a queue; with a box to choose each where there is something to be done with some. */
export function Messages({
  queue,
  messages,
  chosen,
  onChosen,
}: {
  readonly queue: string;
  readonly messages: readonly QueueMessage[];
  readonly chosen: ReadonlySet<string>;
  onChosen(chosen: ReadonlySet<string>): void;
}): JSX.Element {
  const toggle = (key: string): void => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChosen(next);
  };
  return (
    <ol class="messages" aria-label={`Messages in ${queue}`}>
      {messages.map((message) => (
        <li key={message.key} class={chosen.has(message.key) ? "card chosen" : "card"}>
          <div class="message-head">
            <label>
              <input type="checkbox" checked={chosen.has(message.key)} onChange={() => toggle(message.key)} />
              <span class="hidden">Choose message {message.messageId}</span>
            </label>
            <Time at={message.sent} />
            <State message={message} />
            <span class="faint">received {message.receiveCount} times</span>
            {message.groupId !== undefined && <span class="faint">group {message.groupId}</span>}
            {message.origin && <Whose origin={message.origin} />}
          </div>
          <Reasons attributes={message.attributes} isTold={message.origin?.rule !== undefined} />
          <details>
            <summary>
              <code>{message.body.slice(0, 160)}</code>
            </summary>
            <Body queue={queue} message={message} />
          </details>
        </li>
      ))}
    </ol>
  );
}

function State({ message: { state, visibleAt } }: { readonly message: QueueMessage }): JSX.Element | null {
  if (state === "ready") return <span class="state good">ready</span>;
  if (state === "behind") return <span class="state faint">behind others of its group</span>;
  return (
    <span class="state warn">
      hidden until <Time at={visibleAt} />
    </span>
  );
}

function Whose({ origin }: { readonly origin: Origin }): JSX.Element {
  if (origin.refused !== undefined) return <span class="warn">{origin.refused}</span>;
  const { rule, subscription, target } = origin;
  const of = rule ?? subscription;
  return (
    <span>
      {of && (
        <>
          of <Arn arn={of} />{" "}
        </>
      )}
      to {target && <Arn arn={target} />}
    </span>
  );
}

/** Attributes of a message: of a dead letter they tell why it is one. */
function Reasons({
  attributes,
  isTold,
}: Pick<QueueMessage, "attributes"> & {
  /** Which rule and target it is of is said already. */
  readonly isTold: boolean;
}): JSX.Element | null {
  const all = Object.entries(attributes).filter(([name]) => !isTold || (name !== "RULE_ARN" && name !== "TARGET_ARN"));
  if (all.length === 0) return null;
  return (
    <dl class="reasons">
      {all.map(([name, { value }]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value.slice(0, 1_000)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Body({ queue, message }: { readonly queue: string; readonly message: QueueMessage }): JSX.Element {
  const whole = useSignal<string | undefined>(undefined);
  const { body, bodyCharacters, key, messageId } = message;
  const isCut = whole.value === undefined && bodyCharacters > body.length;
  const load = async (): Promise<undefined> => {
    const path = `sqs/${encodeURIComponent(queue)}/${encodeURIComponent(key)}`;
    whole.value = (await read<{ body: string }>(path)).body;
  };
  return (
    <>
      <Payload text={whole.value ?? body} name={messageId} />
      {isCut && (
        <p class="faint">
          The first {body.length} of {bodyCharacters} characters. <ActionButton act={load}>Load it whole</ActionButton>
        </p>
      )}
      {whole.value !== undefined && <DownloadButton name={`${messageId}.txt`} textOf={() => whole.value ?? ""} />}
    </>
  );
}

/** What can be done with the messages that are chosen, or with all. */
export function Chosen({
  chosen,
  messages,
  onChosen,
  children,
}: {
  readonly chosen: ReadonlySet<string>;
  readonly messages: readonly QueueMessage[];
  onChosen(chosen: ReadonlySet<string>): void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const isAll = messages.length > 0 && messages.every(({ key }) => chosen.has(key));
  return (
    <div class="buttons spaced">
      <label>
        <input
          type="checkbox"
          checked={isAll}
          onChange={() => onChosen(isAll ? new Set() : new Set(messages.map(({ key }) => key)))}
        />{" "}
        All that are shown
      </label>
      {children}
    </div>
  );
}
