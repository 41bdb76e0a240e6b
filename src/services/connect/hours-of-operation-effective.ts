import type {
  EffectiveHoursOfOperations,
  EffectiveOverrideHours,
  GetEffectiveHoursOfOperationsRequest,
  GetEffectiveHoursOfOperationsResponse,
  OperationalHour,
  OverrideHour,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { invalidParameter } from "./errors.ts";
import { getHoursOfOperation } from "./hours-of-operation.ts";
import {
  dateOfDay,
  dayOfDate,
  type Override,
  openSpans,
  overrideOn,
  type Span,
} from "./hours-of-operation-calendar.ts";
import { overridesOf } from "./hours-of-operation-overrides.ts";
import { getInstance } from "./instances.ts";

/** Dates in one answer (our choice). */
const DATES_MAX = 366;

/** What hours come to on each of some dates, with all overrides applied, and what each override says about them. */
export async function getEffectiveHoursOfOperations(
  input: Validated<GetEffectiveHoursOfOperationsRequest>,
  context: Context,
): Promise<GetEffectiveHoursOfOperationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const hours = await getHoursOfOperation(context.store, instance, input.HoursOfOperationId);
  const days = daysBetween(input.FromDate, input.ToDate);
  const overrides = await overridesOf(context.store, hours);

  const effective = days.map(
    (day): EffectiveHoursOfOperations => ({
      Date: dateOfDay(day),
      OperationalHours: openSpans(hours, overrides, day).map(timesOf),
    }),
  );
  const overridden = days.map(
    (day): EffectiveOverrideHours => ({
      Date: dateOfDay(day),
      OverrideHours: overrides.flatMap((override) => overrideHours(override, day)),
    }),
  );
  return {
    EffectiveHoursOfOperationList: effective,
    EffectiveOverrideHoursList: overridden.filter(({ OverrideHours = [] }) => OverrideHours.length > 0),
    TimeZone: hours.timeZone,
  };
}

function daysBetween(fromDate: string, toDate: string): number[] {
  const [first, last] = [dayOfDate(fromDate), dayOfDate(toDate)];
  if (first === undefined) throw invalidParameter(`FromDate ${fromDate} is not a date`);
  if (last === undefined) throw invalidParameter(`ToDate ${toDate} is not a date`);
  if (last < first) throw invalidParameter("ToDate must not be before FromDate");
  if (last - first >= DATES_MAX) throw invalidParameter(`A request may ask for at most ${DATES_MAX} dates`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function overrideHours(override: Override, day: number): OverrideHour[] {
  const said = overrideOn(override, day);
  return (said?.spans ?? []).map((span) => ({
    ...timesOf(span),
    OverrideName: override.name,
    OperationalStatus: said?.isOpen ? "OPEN" : "CLOSED",
  }));
}

/** Midnight at the end of the day is 00:00. */
function timesOf({ start, end }: Span): Required<OperationalHour> {
  return { Start: timeOf(start), End: timeOf(end) };
}

function timeOf(minute: number): { Hours: number; Minutes: number } {
  return { Hours: Math.floor(minute / 60) % 24, Minutes: minute % 60 };
}
