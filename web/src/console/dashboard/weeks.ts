import type { Date as CalendarDate } from "../../gen/google/type/date_pb";
import type { Board } from "../../gen/raschet/gateway/v1/dashboard_pb";
import { fromIso, iso, shifted } from "../../shared/dates";

const WEEK = 7;

/** What is on a day of the calendar. */
export interface DayCounts {
  renewals: number;
  addons: number;
  domains: number;
  events: number;
  /** What is still to be done. */
  tasks: number;
}

/** What is on each day of the month, by days such as `2019-02-26`. */
export function counts({ overview, monthEvents, monthTasks }: Pick<Board, "overview" | "monthEvents" | "monthTasks">): Map<string, DayCounts> {
  const days = new Map<string, DayCounts>();
  const on = (date: CalendarDate | undefined, change: (day: DayCounts) => void) => {
    if (!date) return;
    const day = days.get(iso(date)) ?? { renewals: 0, addons: 0, domains: 0, events: 0, tasks: 0 };
    change(day);
    days.set(iso(date), day);
  };
  for (const row of overview?.renewals ?? []) {
    const renews = { renewals: Number(row.subscriptions), addons: Number(row.addons), domains: Number(row.domains) };
    on(row.date, (day) => Object.assign(day, renews));
  }
  for (const event of monthEvents) on(event.date, (day) => day.events++);
  for (const task of monthTasks) if (!task.done) on(task.dueDate, (day) => day.tasks++);
  return days;
}

/** Days of a month in weeks from Monday to Sunday; those of other months are empty. */
export function weeks(month: string): (CalendarDate | undefined)[][] {
  const first = fromIso(`${month}-01`);
  if (!first) return [];
  const offset = (new Date(Date.UTC(first.year, first.month - 1, 1)).getUTCDay() + 6) % WEEK;
  const days = new Date(Date.UTC(first.year, first.month, 0)).getUTCDate();
  const rows = Math.ceil((offset + days) / WEEK);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: WEEK }, (_, column) => {
      const place = row * WEEK + column - offset;
      return place >= 0 && place < days ? shifted(first, place) : undefined;
    }));
}
