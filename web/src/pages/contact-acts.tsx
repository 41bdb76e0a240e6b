import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ActionButton, ChoiceField, TextField } from "../parts/form.tsx";
import type { TimelineData } from "../parts/timeline-data.ts";
import { Transcript } from "../parts/transcript.tsx";
import { post } from "../server.ts";

/** What the customer of a contact does, or its agent says: played by hand, as `docs/contact-control.md` has it. */
export function ContactActs({
  instance,
  contact,
  data,
}: {
  readonly instance: string;
  readonly contact: string;
  readonly data: TimelineData;
}): JSX.Element {
  const speaker = useSignal("CUSTOMER");
  const text = useSignal("");
  const keys = useSignal("");
  const act = (name: string, body: object): Promise<object> =>
    post<object>(`contacts/${encodeURIComponent(instance)}/${encodeURIComponent(contact)}/${name}`, body);
  const say = async (): Promise<string> => {
    await act("say", { speaker: speaker.value, text: text.value });
    text.value = "";
    return "said";
  };
  const press = async (): Promise<string> => {
    await act("input", { text: keys.value });
    keys.value = "";
    return "pressed";
  };
  return (
    <div class="contact-acts">
      <div>
        <form onSubmit={(event) => event.preventDefault()} class="form" aria-label="Say something">
          <ChoiceField
            label="Speaker"
            value={speaker.value}
            choices={["CUSTOMER", "AGENT", "SYSTEM"]}
            onChoice={(one) => (speaker.value = one)}
          />
          <TextField label="Sentence" value={text.value} onText={(one) => (text.value = one)} />
          <ActionButton isPrimary act={say} disabled={text.value.trim() === ""}>
            Say
          </ActionButton>
        </form>
        <form onSubmit={(event) => event.preventDefault()} class="form" aria-label="Press keys">
          <TextField
            label="Keys"
            hint="What a flow waits for: a menu's digit, a number"
            value={keys.value}
            onText={(one) => (keys.value = one)}
          />
          <ActionButton act={press} disabled={keys.value === ""}>
            Press
          </ActionButton>
        </form>
        <div class="buttons">
          <ActionButton
            act={async () => {
              await act("callback", {});
              return "asked for";
            }}
          >
            Ask for a callback
          </ActionButton>
          <ActionButton
            act={async () => {
              await act("hang-up", {});
              return "hung up";
            }}
          >
            Hang up
          </ActionButton>
        </div>
      </div>
      <Transcript data={data} />
    </div>
  );
}
