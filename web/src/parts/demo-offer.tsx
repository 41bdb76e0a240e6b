import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { instances, loadInstances } from "../instance.ts";
import { useLoaded } from "../query.ts";
import { href } from "../route.ts";
import { post, read, region, session } from "../server.ts";
import { ActionButton } from "./form.tsx";
import { Failure } from "./notes.tsx";
import { Time } from "./time.tsx";
import "./demo-offer.css";

/** As `GET /_trunkline/demo` answers. */
interface Demo {
  /** Whether there is no instance yet, and nobody plays. */
  readonly isPossible: boolean;
  readonly clock: "real" | "manual" | "catching-up";
  readonly demo?: DemoState;
  /** Why the last one was not built, or its play ended. */
  readonly error?: string;
}

interface DemoState {
  readonly state: "building" | "playing" | "stopping" | "ended" | "failed";
  readonly instanceId?: string;
  readonly settings: { readonly hours?: number };
  readonly demo: { readonly step: string; readonly taken: number; readonly of: number; readonly isBuilt: boolean };
  readonly from?: string;
  readonly now?: string;
  readonly figures?: { readonly contacts: number };
}

/** Offers a demo centre where there is no instance, and shows how far it is; nothing once it is there, or where there is another centre. */
export function DemoOffer(): JSX.Element | null {
  const key = `${session.value?.accessKeyId} ${region.value}`;
  const { value, error, reload } = useLoaded(key, (signal) => read<Demo>("demo", signal), { everyMs: 1500 });
  const instanceId = value?.demo?.instanceId;
  useEffect(() => {
    const isKnown = instances.value?.some(({ Id }) => Id === instanceId);
    if (instanceId !== undefined && !isKnown) void loadInstances();
  }, [instanceId]);
  if (error) return <Failure error={error} />;
  if (value?.demo && isUnderWay(value)) return <Progress demo={value.demo} clock={value.clock} />;
  if (!value?.isPossible) return value?.error ? <Failure error={new Error(value.error)} /> : null;
  return (
    <section class="card demo-offer" aria-label="Demo centre">
      <h2>Nothing here yet</h2>
      <p>
        A demo centre shows everything at once: an instance with queues, agents and flows, Connect rules that act,
        customers and cases, event rules with deliveries (one of which fails), functions, streams and an API. It is made
        through the APIs, as yours would be, and{" "}
        {value.clock === "manual" ? "two hours of it are played" : "callers keep calling"}.
      </p>
      <Failure error={value.error ? new Error(value.error) : undefined} />
      <div>
        <ActionButton
          isPrimary
          act={async () => {
            await post("demo");
            reload();
            return undefined;
          }}
        >
          Build a demo centre
        </ActionButton>
      </div>
    </section>
  );
}

function isUnderWay({ demo, clock }: Demo): boolean {
  if (demo?.state === "building") return true;
  return (
    demo?.state === "playing" && (clock === "catching-up" || (clock === "manual" && demo.settings.hours !== undefined))
  );
}

function Progress({ demo, clock }: { readonly demo: DemoState; readonly clock: Demo["clock"] }): JSX.Element {
  const { step, taken, of, isBuilt } = demo.demo;
  if (!isBuilt) {
    return (
      <section class="card demo-offer" aria-label="Demo centre">
        <h2>The demo centre is being built</h2>
        <progress aria-label="Steps taken" max={Math.max(1, of)} value={taken} />
        <p role="status">{step ? `Making: ${step}` : "One moment …"}</p>
      </section>
    );
  }
  const { from, now, settings, figures } = demo;
  const endMs = clock === "manual" && from ? Date.parse(from) + (settings.hours ?? 0) * 3_600_000 : Date.now();
  const done = from && now ? (Date.parse(now) - Date.parse(from)) / Math.max(1, endMs - Date.parse(from)) : 0;
  return (
    <section class="card demo-offer" aria-label="Demo centre">
      <h2>The demo centre gets a past</h2>
      <progress aria-label="Of its past played" max={1} value={Math.min(1, Math.max(0, done))} />
      <p role="status">
        {now ? (
          <>
            It is <Time at={now} /> there, and {figures?.contacts ?? 0} contacts have come in.
          </>
        ) : (
          "The first agents sign in."
        )}{" "}
        {clock === "catching-up" && "When it has caught up, it goes on live."} Look around meanwhile:{" "}
        <a href={href(["contacts"])}>contacts</a>, <a href={href(["buses"])}>event buses</a>,{" "}
        <a href={href(["streams"])}>streams</a>.
      </p>
    </section>
  );
}
