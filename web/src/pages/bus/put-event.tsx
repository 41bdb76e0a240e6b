import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ActionButton, TextField } from "../../parts/form.tsx";
import { Json } from "../../parts/json.tsx";
import { JsonEditor, parseJson } from "../../parts/json-editor.tsx";
import { call } from "../../server.ts";

interface PutAnswer {
  readonly FailedEntryCount: number;
  readonly Entries: readonly {
    readonly EventId?: string;
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
  }[];
}

/** Puts an event on a bus by hand, and shows what PutEvents says of it. */
export function PutEvent({ bus }: { readonly bus: string }): JSX.Element {
  const source = useSignal("shop.orders");
  const type = useSignal("Order Placed");
  const detail = useSignal('{\n  "amount": 49.5\n}');
  const answer = useSignal<PutAnswer | undefined>(undefined);
  const put = async (): Promise<string> => {
    answer.value = undefined;
    const entry = { EventBusName: bus, Source: source.value, DetailType: type.value, Detail: detail.value };
    answer.value = await call<PutAnswer>("events", "PutEvents", { Entries: [entry] });
    const [told] = answer.value.Entries;
    if (told?.ErrorCode) throw new Error(`${told.ErrorCode}: ${told.ErrorMessage}`);
    return `On the bus as ${told?.EventId}`;
  };
  const isBroken = "error" in parseJson(detail.value);
  return (
    <section class="card">
      <div class="form">
        <TextField label="Source" value={source.value} onText={(text) => (source.value = text)} />
        <TextField label="Detail type" value={type.value} onText={(text) => (type.value = text)} />
        <JsonEditor label="Detail" rows={8} text={detail.value} onText={(text) => (detail.value = text)} />
        <ActionButton isPrimary disabled={isBroken} act={put}>
          Put
        </ActionButton>
      </div>
      {answer.value && <Json value={answer.value} name="put-events" />}
    </section>
  );
}
