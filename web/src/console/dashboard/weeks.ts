import type { Date as CalendarDate } from "../../gen/google/type/date_pb";
import { fromIso, shifted } from "../../shared/dates";

const WEEK = 7;

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
