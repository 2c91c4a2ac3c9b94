// Calendar dates have no zone; they are written as they are. Moments are told in Moscow's time.
import { create } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { DateSchema, type Date as CalendarDate } from "../gen/google/type/date_pb";

const two = (value: number) => String(value).padStart(2, "0");

/** `05.02.2019`, and `2019-02-05` in English; a dash for none. */
export function day(date: CalendarDate | undefined, language: string): string {
  if (!date) return "—";
  const parts = [two(date.day), two(date.month), String(date.year)];
  return language === "ru" ? parts.join(".") : parts.reverse().join("-");
}

/** The date so many days later, or earlier. */
export function shifted(date: CalendarDate, days: number): CalendarDate {
  const moved = new Date(Date.UTC(date.year, date.month - 1, date.day + days));
  return create(DateSchema, { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() });
}

/** Below zero when `a` is earlier than `b`. */
export const compared = (a: CalendarDate, b: CalendarDate): number =>
  a.year - b.year || a.month - b.month || a.day - b.day;

/** Days from `a` to `b`; below zero when `b` is earlier. */
export const daysBetween = (a: CalendarDate, b: CalendarDate): number => {
  const at = ({ year, month, day }: CalendarDate) => Date.UTC(year, month - 1, day);
  return Math.round((at(b) - at(a)) / 86_400_000);
};

/** `2019-02-05`: what fields of dates and addresses of pages hold. */
export const iso = (date: CalendarDate): string => day(date, "en");

/** The date of `2019-02-05`; none for anything else. */
export function fromIso(text: string | undefined): CalendarDate | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? "");
  return parts ? create(DateSchema, { year: Number(parts[1]), month: Number(parts[2]), day: Number(parts[3]) }) : undefined;
}

const clock = (language: string, options: Intl.DateTimeFormatOptions) =>
  // Swedish dates are ISO dates, as English ones are here.
  new Intl.DateTimeFormat(language === "ru" ? "ru" : "sv", { timeZone: "Europe/Moscow", ...options });
const DAY = { day: "2-digit", month: "2-digit", year: "numeric" } as const;

/** `26.02.2019, 14:13`, in Moscow; a dash for none. */
export function moment(time: Timestamp | undefined, language: string): string {
  if (!time) return "—";
  return clock(language, { ...DAY, hour: "2-digit", minute: "2-digit" }).format(timestampDate(time));
}

/** The day of a moment in Moscow, written as `day` writes it. */
export const dayOf = (time: Timestamp | undefined, language: string): string =>
  time ? clock(language, DAY).format(timestampDate(time)) : "—";

/** The day in Moscow of an instant in milliseconds. */
export function moscowDay(instant: number): CalendarDate {
  const [year, month, day] = clock("en", DAY).format(instant).split("-").map(Number);
  return create(DateSchema, { year, month, day });
}

/** Milliseconds of a moment: what browsers count in. */
export const millis = (time: Timestamp): number => timestampDate(time).getTime();

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]];

/** `2 часа назад`; nothing until it is known what time it is. */
export function ago(time: Timestamp | undefined, now: number | undefined, language: string): string {
  if (!time || now === undefined) return "";
  const passed = millis(time) - now;
  const [unit, length] = STEPS.find(([, length]) => Math.abs(passed) >= length) ?? ["minute", 60_000];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.trunc(passed / length), unit);
}
