import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dayOfDate,
  isOpen,
  type Override,
  openSpans,
  type Slot,
  type WeeklyHours,
} from "./hours-of-operation-calendar.ts";

const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"] as const;

/** A slot written as `09:00-17:30`. */
function slot(times: string, Day?: Slot["Day"]): Slot {
  const [start = "", end = ""] = times.split("-");
  return { ...(Day && { Day }), StartTime: timeOf(start), EndTime: timeOf(end) };
}

function timeOf(text: string): { Hours: number; Minutes: number } {
  const [Hours = 0, Minutes = 0] = text.split(":").map(Number);
  return { Hours, Minutes };
}

function office(timeZone = "UTC"): WeeklyHours {
  return { timeZone, config: WEEKDAYS.map((day) => slot("09:00-17:00", day)) };
}

function override(type: Override["type"], config: Slot[], changes: Partial<Override> = {}): Override {
  return { name: type, type, from: "2026-01-01", till: "2026-12-31", config, ...changes };
}

/** The open hours of a date, written as `09:00-17:00 18:00-00:00`. */
function spansOn(date: string, hours: WeeklyHours, ...overrides: Override[]): string {
  const day = dayOfDate(date);
  assert.ok(day !== undefined);
  const text = (minute: number) =>
    `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  return openSpans(hours, overrides, day)
    .map(({ start, end }) => `${text(start)}-${text(end)}`)
    .join(" ");
}

test("hours are open from the first minute of a slot up to its end", () => {
  assert.equal(isOpen(office(), [], Date.parse("2026-11-20T08:59:59Z")), false);
  assert.equal(isOpen(office(), [], Date.parse("2026-11-20T09:00:00Z")), true);
  assert.equal(isOpen(office(), [], Date.parse("2026-11-20T16:59:59Z")), true);
  assert.equal(isOpen(office(), [], Date.parse("2026-11-20T17:00:00Z")), false);
});

test("a day without a slot is closed", () => {
  assert.equal(isOpen(office(), [], Date.parse("2026-11-21T12:00:00Z")), false);
  assert.equal(isOpen({ timeZone: "UTC", config: [] }, [], Date.parse("2026-11-20T12:00:00Z")), false);
});

test("slots are read on the wall clock of the time zone, and its date decides the weekday", () => {
  const auckland = office("Pacific/Auckland");
  // Monday 09:00 in Auckland is still Sunday in UTC.
  assert.equal(isOpen(auckland, [], Date.parse("2026-11-22T20:00:00Z")), true);
  assert.equal(isOpen(auckland, [], Date.parse("2026-11-22T19:59:59Z")), false);
  assert.equal(isOpen(office("Asia/Kathmandu"), [], Date.parse("2026-11-20T03:15:00Z")), true);
  assert.equal(isOpen(office("Asia/Kathmandu"), [], Date.parse("2026-11-20T03:14:59Z")), false);
});

test("opening time moves with daylight saving time", () => {
  const newYork = office("America/New_York");
  // Friday before the clocks go forward, and Monday after it.
  assert.equal(isOpen(newYork, [], Date.parse("2026-03-06T13:59:00Z")), false);
  assert.equal(isOpen(newYork, [], Date.parse("2026-03-06T14:00:00Z")), true);
  assert.equal(isOpen(newYork, [], Date.parse("2026-03-09T12:59:00Z")), false);
  assert.equal(isOpen(newYork, [], Date.parse("2026-03-09T13:00:00Z")), true);
  // Friday before they go back, and Monday after it.
  assert.equal(isOpen(newYork, [], Date.parse("2026-10-30T13:00:00Z")), true);
  assert.equal(isOpen(newYork, [], Date.parse("2026-11-02T13:00:00Z")), false);
  assert.equal(isOpen(newYork, [], Date.parse("2026-11-02T14:00:00Z")), true);
});

test("an hour that the clocks skip is never open, one that they repeat is open twice", () => {
  const night: WeeklyHours = { timeZone: "America/New_York", config: [slot("01:30-02:30", "SUNDAY")] };
  const openMinutes = (fromUtc: string) =>
    Array.from({ length: 360 }, (_, minute) => Date.parse(fromUtc) + minute * 60_000).filter((ms) =>
      isOpen(night, [], ms),
    ).length;
  assert.equal(openMinutes("2026-03-08T04:00:00Z"), 30);
  assert.equal(openMinutes("2026-03-15T04:00:00Z"), 60);
  assert.equal(openMinutes("2026-11-01T04:00:00Z"), 90);
});

test("a slot that ends before it starts spans midnight, also from Saturday to Sunday", () => {
  const night: WeeklyHours = { timeZone: "UTC", config: [slot("22:00-06:00", "SATURDAY")] };
  assert.equal(spansOn("2026-11-21", night), "22:00-00:00");
  assert.equal(spansOn("2026-11-22", night), "00:00-06:00");
  assert.equal(isOpen(night, [], Date.parse("2026-11-22T05:59:59Z")), true);
  assert.equal(isOpen(night, [], Date.parse("2026-11-22T06:00:00Z")), false);
});

test("from 00:00 to 00:00 is the whole day", () => {
  const monday: WeeklyHours = { timeZone: "UTC", config: [slot("00:00-00:00", "MONDAY")] };
  assert.equal(spansOn("2026-11-23", monday), "00:00-00:00");
  assert.equal(spansOn("2026-11-24", monday), "");
});

test("slots that touch or overlap are one span", () => {
  const config = [slot("09:00-12:00", "MONDAY"), slot("12:00-14:00", "MONDAY"), slot("13:00-15:00", "MONDAY")];
  assert.equal(
    spansOn("2026-11-23", { timeZone: "UTC", config: [...config, slot("16:00-17:00", "MONDAY")] }),
    "09:00-15:00 16:00-17:00",
  );
});

test("a STANDARD override replaces the hours of its dates, first and last included", () => {
  const short = override("STANDARD", [slot("10:00-12:00", "THURSDAY")], { from: "2026-12-23", till: "2026-12-25" });
  assert.equal(spansOn("2026-12-22", office(), short), "09:00-17:00");
  assert.equal(spansOn("2026-12-23", office(), short), "");
  assert.equal(spansOn("2026-12-24", office(), short), "10:00-12:00");
  assert.equal(spansOn("2026-12-25", office(), short), "");
  assert.equal(spansOn("2026-12-28", office(), short), "09:00-17:00");
});

test("a STANDARD override supersedes recurring ones and what reaches in from the day before", () => {
  const night: WeeklyHours = {
    timeZone: "UTC",
    config: [slot("22:00-06:00", "MONDAY"), slot("22:00-06:00", "TUESDAY")],
  };
  const standard = override("STANDARD", [slot("05:00-08:00")], { from: "2026-11-24", till: "2026-11-24" });
  assert.equal(spansOn("2026-11-24", night, standard, override("CLOSED", [])), "05:00-08:00");
  assert.equal(spansOn("2026-11-25", night, standard), "");
  const late = override("STANDARD", [slot("20:00-02:00")], { from: "2026-11-24", till: "2026-11-25" });
  assert.equal(spansOn("2026-11-25", night, late), "00:00-02:00 20:00-00:00");
  assert.equal(spansOn("2026-11-26", night, late), "00:00-02:00");
});

test("OPEN adds slots and CLOSED takes them away; what both name is closed", () => {
  const opened = override("OPEN", [slot("16:00-20:00", "FRIDAY")]);
  const lunch = override("CLOSED", [slot("12:00-13:00")]);
  assert.equal(spansOn("2026-11-20", office(), opened), "09:00-20:00");
  assert.equal(spansOn("2026-11-20", office(), opened, lunch), "09:00-12:00 13:00-20:00");
  assert.equal(
    spansOn("2026-11-20", office(), opened, override("CLOSED", [slot("18:00-19:00")])),
    "09:00-18:00 19:00-20:00",
  );
  assert.equal(spansOn("2026-11-19", office(), opened), "09:00-17:00");
  assert.equal(spansOn("2026-11-19", office(), override("CLOSED", [])), "");
});

test("what is closed over midnight is closed on the next date too", () => {
  const always: WeeklyHours = {
    timeZone: "UTC",
    config: [slot("00:00-00:00", "FRIDAY"), slot("00:00-00:00", "SATURDAY")],
  };
  const night = override("CLOSED", [slot("22:00-02:00", "FRIDAY")]);
  assert.equal(spansOn("2026-11-20", always, night), "00:00-22:00");
  assert.equal(spansOn("2026-11-21", always, night), "02:00-00:00");
});

test("overrides recur weekly, monthly and yearly, counted from their first date", () => {
  const closedOn = (pattern: Override["recurrence"], config: Slot[], from = "2026-01-01") => {
    const closed = override("CLOSED", config, { from, till: "2028-12-31", recurrence: pattern });
    const always: WeeklyHours = {
      timeZone: "UTC",
      config: (["SUNDAY", ...WEEKDAYS, "SATURDAY"] as const).map((day) => slot("00:00-00:00", day)),
    };
    const first = dayOfDate("2026-01-01") ?? 0;
    const dates: string[] = [];
    for (let day = first; day < first + 800; day++) {
      if (openSpans(always, [closed], day).length === 0)
        dates.push(new Date(day * 86_400_000).toISOString().slice(0, 10));
    }
    return dates;
  };
  const allDay = (Day?: Slot["Day"]) => [slot("00:00-00:00", Day)];
  const fortnightly = closedOn({ Frequency: "WEEKLY", Interval: 2 }, allDay("FRIDAY"), "2026-01-07");
  assert.deepEqual(fortnightly.slice(0, 3), ["2026-01-09", "2026-01-23", "2026-02-06"]);

  const lastDays = closedOn({ Frequency: "MONTHLY", Interval: 1, ByMonthDay: [-1] }, []);
  assert.deepEqual(lastDays.slice(0, 3), ["2026-01-31", "2026-02-28", "2026-03-31"]);
  // A month without such a day is skipped.
  const on31st = closedOn({ Frequency: "MONTHLY", Interval: 1, ByMonthDay: [31] }, []);
  assert.deepEqual(on31st.slice(0, 3), ["2026-01-31", "2026-03-31", "2026-05-31"]);
  const lastFriday = closedOn({ Frequency: "MONTHLY", Interval: 3, ByWeekdayOccurrence: [-1] }, allDay("FRIDAY"));
  assert.deepEqual(lastFriday.slice(0, 2), ["2026-01-30", "2026-04-24"]);
  const thirdFriday = closedOn({ Frequency: "MONTHLY", Interval: 1, ByWeekdayOccurrence: [3] }, allDay("FRIDAY"));
  assert.deepEqual(thirdFriday.slice(0, 2), ["2026-01-16", "2026-02-20"]);

  // The example of RecurrencePattern: the 2nd Thursday of April every year.
  const april = closedOn(
    { Frequency: "YEARLY", Interval: 1, ByMonth: [4], ByWeekdayOccurrence: [2] },
    allDay("THURSDAY"),
  );
  assert.deepEqual(april, ["2026-04-09", "2027-04-08"]);
  const christmas = closedOn({ Frequency: "YEARLY", Interval: 2, ByMonth: [12], ByMonthDay: [25] }, allDay("FRIDAY"));
  assert.deepEqual(christmas, ["2026-12-25"]);
});

test("only dates of the calendar are dates", () => {
  assert.equal(dayOfDate("1970-01-02"), 1);
  for (const date of ["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31"])
    assert.equal(dayOfDate(date), undefined, date);
});
