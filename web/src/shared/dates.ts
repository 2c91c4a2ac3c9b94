// Calendar dates have no zone; they are written as they are.
import type { Date as CalendarDate } from "../gen/google/type/date_pb";

const two = (value: number) => String(value).padStart(2, "0");

/** `05.02.2019`, and `2019-02-05` in English; a dash for none. */
export function day(date: CalendarDate | undefined, language: string): string {
  if (!date) return "—";
  const parts = [two(date.day), two(date.month), String(date.year)];
  return language === "ru" ? parts.join(".") : parts.reverse().join("-");
}
