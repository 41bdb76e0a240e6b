import type { JSX } from "preact";
import { ActionButton, ChoiceField, TextField } from "../../parts/form.tsx";
import { JsonEditor, parseJson } from "../../parts/json-editor.tsx";
import { Failure } from "../../parts/notes.tsx";
import { useLoaded } from "../../query.ts";
import { listAll, loadObjectTypes, type Period, type Trigger } from "./domain-data.ts";
import { useRefusal } from "./refusal.ts";
import type { Segment } from "./segments.tsx";
import { useInputShapes } from "./shapes.ts";

const UNITS = ["MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS"];

/** What CreateEventTrigger would be given, but for the domain. */
export type TriggerInput = Partial<Trigger>;

/** What is written in the form; `undefined` where it is no object. */
export function triggerIn(text: string): TriggerInput | undefined {
  const parsed = parseJson(text);
  if (!("value" in parsed) || typeof parsed.value !== "object" || parsed.value === null) return undefined;
  return Array.isArray(parsed.value) ? undefined : (parsed.value as TriggerInput);
}

/**
 * A trigger that is created or changed. The document is the whole of it; the fields above write into it. What the server refuses is said at
 * the spot, and stays as it was typed.
 */
export function TriggerForm({
  domain,
  text,
  onText: onTyped,
  isNew,
  save,
}: {
  readonly domain: string;
  readonly text: string;
  onText(text: string): void;
  readonly isNew: boolean;
  /** Answers with what was done. Throws what the server says. */
  save(trigger: TriggerInput): Promise<string | undefined>;
}): JSX.Element {
  const refusal = useRefusal();
  const { value, error } = useLoaded(domain, async (signal) => {
    const [types, segments] = await Promise.all([
      loadObjectTypes(domain, signal),
      listAll<Segment>(domain, "ListSegmentDefinitions", signal),
    ]);
    return {
      types,
      segments: segments.map(({ SegmentDefinitionName }) => SegmentDefinitionName),
    };
  });
  const onText = (typed: string): void => {
    refusal.clear();
    onTyped(typed);
  };
  const trigger = triggerIn(text);
  const types = value?.types ?? [];
  const shapes = useInputShapes("CreateEventTrigger", {
    without: ["DomainName"],
    type: types.find(({ ObjectTypeName }) => ObjectTypeName === trigger?.ObjectTypeName),
  });
  const write = (change: TriggerInput): void => {
    if (!trigger) return;
    const written = Object.entries({ ...trigger, ...change }).filter(
      ([, member]) => member !== "" && member !== undefined,
    );
    onText(JSON.stringify(Object.fromEntries(written), undefined, 2));
  };
  const submit = async (): Promise<string | undefined> => {
    if (!trigger) throw new Error("The document is no JSON object.");
    return refusal.telling(() => save(trigger));
  };
  return (
    <div class="form">
      <Failure error={error} />
      {isNew && (
        <TextField
          label="Name"
          value={trigger?.EventTriggerName ?? ""}
          onText={(EventTriggerName) => write({ EventTriggerName })}
        />
      )}
      <ChoiceField
        label="Object type"
        hint="Each object of it is looked at as it is ingested"
        value={trigger?.ObjectTypeName ?? ""}
        choices={choicesWith(trigger?.ObjectTypeName, ["", ...types.map(({ ObjectTypeName }) => ObjectTypeName)])}
        onChoice={(ObjectTypeName) => write({ ObjectTypeName })}
      />
      <ChoiceField
        label="Segment"
        hint="Only for profiles in it"
        value={trigger?.SegmentFilter ?? ""}
        choices={choicesWith(trigger?.SegmentFilter, [["", "of everybody"], ...(value?.segments ?? [])])}
        onChoice={(SegmentFilter) => write({ SegmentFilter })}
      />
      <Periods
        periods={trigger?.EventTriggerLimits?.Periods ?? []}
        onPeriods={(periods) => {
          const { Periods: _, ...others } = trigger?.EventTriggerLimits ?? {};
          const limits = { ...others, ...(periods.length > 0 && { Periods: periods }) };
          const { EventTriggerLimits: __, ...rest } = trigger ?? {};
          if (!trigger) return;
          const next = Object.keys(limits).length > 0 ? { ...rest, EventTriggerLimits: limits } : rest;
          onText(JSON.stringify(next, undefined, 2));
        }}
      />
      <JsonEditor label="Trigger" text={text} onText={onText} shapes={shapes} problems={refusal.problems} rows={20} />
      <ActionButton isPrimary act={submit} disabled={!trigger}>
        {isNew ? "Create trigger" : "Save"}
      </ActionButton>
    </div>
  );
}

type Choice = string | readonly [string, string];

/** What is written is among the choices, also where there is no such thing. */
function choicesWith(written: string | undefined, choices: readonly Choice[]): readonly Choice[] {
  const isKnown = choices.some((choice) => (typeof choice === "string" ? choice : choice[0]) === (written ?? ""));
  return isKnown ? choices : [...choices, written ?? ""];
}

/** Rolling windows, all of which must allow an invocation. */
function Periods({
  periods,
  onPeriods,
}: {
  readonly periods: readonly Period[];
  onPeriods(periods: readonly Period[]): void;
}): JSX.Element {
  const change = (place: number, part: Partial<Period>): void => {
    const { MaxInvocationsPerProfile, Unlimited, ...period } = { ...(periods[place] as Period), ...part };
    onPeriods(
      periods.with(
        place,
        Unlimited ? { ...period, Unlimited } : { ...period, MaxInvocationsPerProfile: MaxInvocationsPerProfile ?? 1 },
      ),
    );
  };
  return (
    <fieldset class="periods">
      <legend>How often for one profile</legend>
      {periods.length === 0 && <p class="faint">Ten times a day, since nothing is said.</p>}
      {periods.map((period, place) => (
        <div key={place} class="filters">
          <label>
            At most
            <input
              type="number"
              min={1}
              max={1000}
              disabled={period.Unlimited ?? false}
              value={period.MaxInvocationsPerProfile ?? ""}
              onInput={(event) => change(place, { MaxInvocationsPerProfile: event.currentTarget.valueAsNumber || 1 })}
            />
          </label>
          <label>
            in
            <input
              type="number"
              min={1}
              max={60}
              value={period.Value}
              onInput={(event) => change(place, { Value: event.currentTarget.valueAsNumber || 1 })}
            />
          </label>
          <label>
            <span class="hidden">Unit</span>
            <select value={period.Unit} onChange={(event) => change(place, { Unit: event.currentTarget.value })}>
              {UNITS.map((unit) => (
                <option key={unit} value={unit}>
                  {unit.toLowerCase()}
                </option>
              ))}
            </select>
          </label>
          <label>
            <input
              type="checkbox"
              checked={period.Unlimited ?? false}
              onChange={(event) => change(place, { Unlimited: event.currentTarget.checked })}
            />{" "}
            without limit
          </label>
          <button type="button" onClick={() => onPeriods(periods.toSpliced(place, 1))}>
            Remove
          </button>
        </div>
      ))}
      <button
        type="button"
        onClick={() => onPeriods([...periods, { Unit: "HOURS", Value: 24, MaxInvocationsPerProfile: 1 }])}
      >
        Another period
      </button>
    </fieldset>
  );
}
