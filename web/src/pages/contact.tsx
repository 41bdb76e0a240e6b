import type { JSX } from "preact";
import { Json } from "../parts/json.tsx";
import { Failure } from "../parts/notes.tsx";
import { useLoaded } from "../query.ts";
import { route } from "../route.ts";
import { read } from "../server.ts";

/** One contact: as it is now, with its record so far, what was said, and the flows that it went through. */
export function ContactPage(): JSX.Element {
  const [, instance = "", contact = ""] = route.value.path;
  const { value, error } = useLoaded(
    `${instance}/${contact}`,
    (signal) => read<object>(`contacts/${encodeURIComponent(instance)}/${encodeURIComponent(contact)}`, signal),
    { everyMs: 2000 },
  );
  return (
    <>
      <h1>Contact {contact}</h1>
      <Failure error={error} />
      {value && <Json value={value} open={3} />}
    </>
  );
}
