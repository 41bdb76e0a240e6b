import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { instances, loadInstances } from "../instance.ts";
import { ActionButton, ChoiceField, TextField } from "../parts/form.tsx";
import { Failure, Figure } from "../parts/notes.tsx";
import { Time } from "../parts/time.tsx";
import { useLoaded } from "../query.ts";
import { href } from "../route.ts";
import { post, read } from "../server.ts";

interface Settings {
  readonly seed: string;
  readonly agents: number;
  readonly callsPerHour: number;
  readonly instance?: string;
  readonly alias: string;
  readonly begin: number;
  readonly hours?: number;
  readonly speed: number | "max";
}

/** As `GET /_trunkline/simulator` answers. */
interface Simulation {
  readonly clock: "real" | "manual";
  readonly defaults: Settings;
  readonly state: "off" | "building" | "playing" | "stopping" | "ended" | "failed";
  readonly settings?: Settings;
  readonly instanceId?: string;
  readonly now?: string;
  readonly figures?: {
    readonly contacts: number;
    readonly queued: number;
    readonly answered: number;
    readonly abandoned: number;
    readonly inTime: number;
    readonly waitedSeconds: number;
    readonly liveContacts: number;
    readonly liveAgents: number;
  };
  readonly error?: string;
}

const STATES: Readonly<Record<Simulation["state"], string>> = {
  off: "It has not been started.",
  building: "The demo centre is being built.",
  playing: "It plays.",
  stopping: "Everybody says goodbye.",
  ended: "It has ended.",
  failed: "It has failed.",
};

/** Callers and agents that the server plays: started, stopped, faster, slower. */
export function Simulator(): JSX.Element {
  const { value, error, reload } = useLoaded("simulator", (signal) => read<Simulation>("simulator", signal), {
    everyMs: 1000,
  });
  const isOn = value !== undefined && ["building", "playing", "stopping"].includes(value.state);
  return (
    <section class="card simulator" aria-label="Simulator">
      <h2>Simulator</h2>
      <Failure error={error ?? (value?.error ? new Error(value.error) : undefined)} />
      {value && (
        <p class={value.state === "playing" ? "state good" : "faint"} role="status">
          {STATES[value.state]}
          {value.now && isOn && (
            <>
              {" "}
              It is <Time at={value.now} /> there.
            </>
          )}
        </p>
      )}
      {value?.figures && <Figures figures={value.figures} />}
      {value && isOn && <Running simulation={value} reload={reload} />}
      {value && !isOn && <Start simulation={value} reload={reload} />}
    </section>
  );
}

function Figures({ figures }: { readonly figures: NonNullable<Simulation["figures"]> }): JSX.Element {
  const share = (part: number): string =>
    figures.queued === 0 ? "–" : `${Math.round((100 * part) / figures.queued)} %`;
  return (
    <div class="figures">
      <Figure name="contacts so far" value={figures.contacts} to={href(["contacts"])} />
      <Figure name="live" value={figures.liveContacts} to={href(["contacts"])} />
      <Figure name="agents signed in" value={figures.liveAgents} />
      <Figure name="within 20 s" value={share(figures.inTime)} />
      <Figure name="abandoned" value={share(figures.abandoned)} />
      <Figure name="mean wait" value={`${figures.waitedSeconds} s`} />
    </div>
  );
}

interface Part {
  readonly simulation: Simulation;
  reload(): void;
}

const SPEEDS = ["1", "10", "60", "300", "max"].map(
  (speed) => [speed, speed === "max" ? "as fast as possible" : `${speed} times real time`] as const,
);

function Running({ simulation: { settings, clock, state }, reload }: Part): JSX.Element {
  const load = useSignal(String(settings?.callsPerHour ?? ""));
  const steer = async (body: object, done: string): Promise<string> => {
    await post("simulator", body);
    reload();
    return done;
  };
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      {clock === "manual" && state === "playing" ? (
        <ChoiceField
          label="Speed"
          hint="holds at once"
          value={String(settings?.speed)}
          choices={SPEEDS}
          onChoice={(speed) => void steer({ action: "change", speed: speedOf(speed) }, "")}
        />
      ) : (
        <TextField
          label="Calls an hour"
          hint="at the busiest time; begins anew with it"
          value={load.value}
          onText={(text) => (load.value = text)}
        />
      )}
      <div class="whole buttons">
        {clock === "real" && state === "playing" && (
          <ActionButton
            act={() =>
              steer({ action: "change", callsPerHour: Number(load.value) }, `${load.value} calls an hour now.`)
            }
          >
            Change
          </ActionButton>
        )}
        <ActionButton act={() => steer({ action: "stop" }, "Stopped.")}>Stop</ActionButton>
      </div>
      {settings && (
        <p class="whole faint">
          Seed {settings.seed}, {settings.agents} agents, {settings.callsPerHour} calls an hour at the busiest time. It
          goes on when this page is closed, and ends with the server.
        </p>
      )}
    </form>
  );
}

const NEW = "";

function Start({ simulation: { defaults, settings, clock, instanceId }, reload }: Part): JSX.Element {
  const before = settings ?? defaults;
  const [seed, agents, calls] = [
    useSignal(before.seed),
    useSignal(String(before.agents)),
    useSignal(String(before.callsPerHour)),
  ];
  const instance = useSignal(instanceId ?? instances.value?.[0]?.Id ?? NEW);
  const hours = useSignal(String(defaults.hours ?? ""));
  const speed = useSignal(String(defaults.speed));
  const start = async (): Promise<undefined> => {
    await post("simulator", {
      action: "start",
      seed: seed.value,
      agents: Number(agents.value),
      callsPerHour: Number(calls.value),
      ...(instance.value !== NEW && { instance: instance.value }),
      ...(clock === "manual" && { hours: Number(hours.value), speed: speedOf(speed.value) }),
    });
    reload();
    if (instance.value === NEW) setTimeout(() => void loadInstances().catch(() => {}), 2000);
    return undefined;
  };
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <ChoiceField
        label="Instance"
        value={instance.value}
        choices={[
          ...(instances.value ?? []).map(({ Id, InstanceAlias }) => [Id, InstanceAlias ?? Id] as const),
          [NEW, `one of its own (${defaults.alias})`] as const,
        ]}
        onChoice={(id) => (instance.value = id)}
      />
      <TextField
        label="Seed"
        hint="the same seed plays the same"
        value={seed.value}
        onText={(text) => (seed.value = text)}
      />
      <TextField
        label="Agents"
        hint="on the roster of a day"
        value={agents.value}
        onText={(text) => (agents.value = text)}
      />
      <TextField
        label="Calls an hour"
        hint="at the busiest time; chats and others beside"
        value={calls.value}
        onText={(text) => (calls.value = text)}
      />
      {clock === "manual" && (
        <>
          <TextField
            label="Hours"
            hint="of the centre's day"
            value={hours.value}
            onText={(text) => (hours.value = text)}
          />
          <ChoiceField label="Speed" value={speed.value} choices={SPEEDS} onChoice={(value) => (speed.value = value)} />
        </>
      )}
      <div class="whole">
        <ActionButton isPrimary act={start}>
          Start
        </ActionButton>
      </div>
    </form>
  );
}

function speedOf(text: string): number | "max" {
  return text === "max" ? "max" : Number(text);
}
