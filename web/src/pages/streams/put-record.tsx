import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ActionButton, ChoiceField, Field, TextField } from "../../parts/form.tsx";
import { Id } from "../../parts/page.tsx";
import { href } from "../../route.ts";
import { call } from "../../server.ts";
import { shortId } from "./shards.tsx";
import type { WholeStream } from "./stream-data.ts";

type Encoding = "text" | "hex" | "base64";

interface Put {
  readonly ShardId: string;
  readonly SequenceNumber: string;
}

/** Puts a record by hand, and says where it went. */
export function PutRecord({ stream, reload }: { readonly stream: WholeStream; reload(): void }): JSX.Element {
  const key = useSignal("by-hand");
  const data = useSignal("");
  const encoding = useSignal<Encoding>("text");
  const put = useSignal<Put | undefined>(undefined);
  const problem = problemOf(data.value, encoding.value);
  const send = async (): Promise<undefined> => {
    put.value = await call<Put>("kinesis", "PutRecord", {
      StreamName: stream.name,
      PartitionKey: key.value,
      Data: base64Of(data.value, encoding.value),
    });
    reload();
  };
  return (
    <section class="card">
      <div class="form">
        <TextField label="Partition key" value={key.value} onText={(text) => (key.value = text)} />
        <ChoiceField
          label="Data is"
          value={encoding.value}
          choices={[
            ["text", "text (UTF-8)"],
            ["hex", "hexadecimal"],
            ["base64", "base64"],
          ]}
          onChoice={(value) => (encoding.value = value as Encoding)}
        />
        <Field label="Data" problem={problem}>
          {(control) => (
            <textarea
              {...control}
              rows={8}
              spellcheck={false}
              value={data.value}
              onInput={(event) => (data.value = event.currentTarget.value)}
            />
          )}
        </Field>
        <ActionButton isPrimary disabled={problem !== undefined} act={send}>
          Put
        </ActionButton>
      </div>
      {put.value && (
        <p role="status" class="good">
          Put into {shortId(put.value.ShardId)} as <Id id={put.value.SequenceNumber} isWhole />{" "}
          <a
            href={href(["streams", stream.name], {
              tab: "peek",
              shard: put.value.ShardId,
              at: put.value.SequenceNumber,
            })}
          >
            Look at it
          </a>
        </p>
      )}
    </section>
  );
}

function problemOf(text: string, encoding: Encoding): string | undefined {
  const compact = text.replace(/\s/g, "");
  if (encoding === "hex" && !/^([0-9a-f]{2})*$/i.test(compact)) return "These are no pairs of hexadecimal digits";
  if (encoding !== "base64") return undefined;
  return /^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.length % 4 === 0 ? undefined : "This is no base64";
}

function base64Of(text: string, encoding: Encoding): string {
  const compact = text.replace(/\s/g, "");
  if (encoding === "base64") return compact;
  const bytes =
    encoding === "hex"
      ? Uint8Array.from(compact.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
      : new TextEncoder().encode(text);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
