import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Empty, Failure } from "../parts/notes.tsx";
import { Verdict, type VerdictTree } from "../parts/verdict.tsx";
import { useLoaded } from "../query.ts";
import { call, post, region } from "../server.ts";

const PAGE = 100;

interface Rule {
  readonly Name: string;
  readonly State: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
}

/** The rules of a bus, and one event against all of them. */
export function BusRules({ bus }: { readonly bus: string }): JSX.Element {
  const { value, error } = useLoaded(
    `${bus} ${region.value}`,
    (signal) => call<{ Rules?: readonly Rule[] }>("events", "ListRules", { EventBusName: bus, Limit: PAGE }, signal),
    { everyMs: 5000 },
  );
  const rules = value?.Rules ?? [];
  return (
    <>
      <Failure error={error} />
      <section>
        <h2>Rules</h2>
        {value && rules.length === 0 && <Empty>No rule listens to this bus.</Empty>}
        {rules.length > 0 && (
          <table>
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col">State</th>
                <th scope="col">Pattern or schedule</th>
              </tr>
            </thead>
            <tbody>
              {rules.map((rule) => (
                <tr key={rule.Name}>
                  <th scope="row">{rule.Name}</th>
                  <td>{rule.State}</td>
                  <td>
                    <code>{rule.ScheduleExpression ?? rule.EventPattern}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <Sandbox bus={bus} rules={rules} />
    </>
  );
}

const SAMPLE = `{
  "source": "shop.orders",
  "detail-type": "Order Placed",
  "detail": { "amount": 49.5 }
}`;

interface Answer {
  readonly matched: boolean;
  readonly reason?: string;
  readonly condition: VerdictTree;
}

/** Asks every rule of a bus of one event: which of them it would meet, and why not the others. Nothing is sent. */
function Sandbox({ bus, rules }: { readonly bus: string; readonly rules: readonly Rule[] }): JSX.Element {
  const text = useSignal(SAMPLE);
  const failure = useSignal<Error | undefined>(undefined);
  const answers = useSignal<readonly { readonly rule: string; readonly answer: Answer | Error }[]>([]);
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    failure.value = undefined;
    try {
      const sample = JSON.parse(text.value) as object;
      answers.value = await Promise.all(
        rules
          .filter(({ EventPattern }) => EventPattern !== undefined)
          .map(async ({ Name }) => {
            const asked = { rule: `${bus}/${Name}`, event: sample };
            return { rule: Name, answer: await post<Answer>("explain", asked).catch((error: Error) => error) };
          }),
      );
    } catch (error) {
      failure.value = error as Error;
    }
  };
  return (
    <section class="card">
      <h2>Try an event against all rules</h2>
      <form onSubmit={(event) => void ask(event)}>
        <label>
          <span class="hidden">Event</span>
          <textarea
            rows={7}
            spellcheck={false}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Try
        </button>
      </form>
      <Failure error={failure.value} />
      {answers.value.map(({ rule, answer }) => (
        <div key={rule} class="answer">
          <strong>{rule}</strong>
          {answer instanceof Error ? (
            <Failure error={answer} />
          ) : (
            <>
              <span class={answer.matched ? "state good" : "state bad"}>{answer.matched ? "matches" : "no match"}</span>
              {answer.reason && <p>{answer.reason}</p>}
              <Verdict verdict={answer.condition} />
            </>
          )}
        </div>
      ))}
    </section>
  );
}
