import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Json } from "../parts/json.tsx";
import { Failure } from "../parts/notes.tsx";
import { route, setQuery } from "../route.ts";
import { call } from "../server.ts";

/** Calls any operation with a JSON document. */
export function ApiPage(): JSX.Element {
  const { query } = route.value;
  const input = useSignal(query.get("input") ?? "{}");
  const answer = useSignal<unknown>(undefined);
  const error = useSignal<Error | undefined>(undefined);
  const [model, operation] = [query.get("model") ?? "sts", query.get("operation") ?? "GetCallerIdentity"];
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    error.value = undefined;
    try {
      answer.value = await call<unknown>(model, operation, JSON.parse(input.value) as object);
    } catch (failure) {
      error.value = failure as Error;
    }
  };
  return (
    <>
      <h1>Call an operation</h1>
      <form class="card" onSubmit={(event) => void send(event)}>
        <div class="filters">
          <label>
            Service
            <input value={model} onChange={(event) => setQuery({ model: event.currentTarget.value })} />
          </label>
          <label>
            Operation
            <input value={operation} onChange={(event) => setQuery({ operation: event.currentTarget.value })} />
          </label>
        </div>
        <label>
          Input
          <textarea
            rows={8}
            spellcheck={false}
            value={input.value}
            onInput={(event) => (input.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Call
        </button>
      </form>
      <Failure error={error.value} />
      {answer.value !== undefined && <Json value={answer.value} open={3} />}
    </>
  );
}
