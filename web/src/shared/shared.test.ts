import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { MoneySchema } from "../gen/google/type/money_pb";
import { weeks } from "../console/dashboard/weeks";
import { ago, day, fromIso, iso, shifted } from "./dates";
import { ru } from "../console/invoices/texts";
import { amount, amounts, digits, exact, field, formula, moneyOf, sign, sums, typed } from "./money";
import { counts, percent, tone } from "./usage";

const rub = (units: bigint, nanos = 0) => create(MoneySchema, { currencyCode: "RUB", units, nanos });

// G20: Russian has three forms, and «счёта» keeps its ё.
test.each([
  [1, "1 счёт"],
  [2, "2 счёта"],
  [5, "5 счетов"],
  [11, "11 счетов"],
  [21, "21 счёт"],
  [22, "22 счёта"],
])("%i invoices", (count, text) => expect(ru.found(count)).toBe(text));

test("money is exact beyond what floats hold", () => {
  expect(amount(rub(9007199254740993n, 10_000_000), "ru")).toBe("9 007 199 254 740 993,01 ₽".replace(/ /g, "\u00a0"));
  expect(digits(rub(-1n, -500_000_000))).toBe("-1.50");
  expect(digits(rub(0n, -10_000_000))).toBe("-0.01");
  expect(amount(rub(-1n, -500_000_000), "ru")).toBe("−1,50 ₽".replace(/ /g, "\u00a0"));
  expect(amount(undefined, "ru")).toBe("—");
});

test("calendar dates are written as they are", () => {
  const date = { year: 2019, month: 2, day: 5 } as Parameters<typeof day>[0];
  expect(day(date, "ru")).toBe("05.02.2019");
  expect(day(date, "en")).toBe("2019-02-05");
});

test("sums are exact, and of one currency each", () => {
  const yuan = create(MoneySchema, { currencyCode: "CNY", units: 5n });
  const found = sums([rub(0n, 100_000_000), rub(0n, 200_000_000), yuan, undefined, rub(9007199254740993n)]);
  expect(found.map(digits)).toEqual(["5.00", "9007199254740993.30"]);
  expect(sums([rub(1n), rub(-1n, -500_000_000)]).map(digits)).toEqual(["-0.50"]);
  expect([rub(0n, -1), rub(0n), rub(0n, 1), undefined].map(sign)).toEqual([-1, 0, 1, 0]);
  expect(amounts([], "ru")).toBe("");
});

test("formulas have the decimal sign of the language", () => {
  expect(formula("4800.00 × 2 × 151/180", "ru")).toBe("4800,00 × 2 × 151/180");
  expect(formula("60.00 × (22/30 + 5)", "en")).toBe("60.00 × (22/30 + 5)");
});

test("days are shifted over months and years", () => {
  expect(iso(shifted(fromIso("2027-01-01")!, -1))).toBe("2026-12-31");
  expect(iso(shifted(fromIso("2028-02-28")!, 1))).toBe("2028-02-29");
  expect(fromIso("2026-11")).toBeUndefined();
});

// A17: weeks begin on Monday, and every day stands once.
test.each(["2026-11", "2027-02", "2024-02", "2026-06"])("the weeks of %s", (month) => {
  const days = weeks(month).flat();
  expect(days.length % 7).toBe(0);
  const shown = days.filter((date) => date !== undefined);
  expect(shown.map((date) => date.day)).toEqual(shown.map((_, index) => index + 1));
  const first = days.findIndex((date) => date !== undefined);
  expect(first).toBe((new Date(`${month}-01T00:00:00Z`).getUTCDay() + 6) % 7);
  expect(weeks(month).every((week) => week.some((date) => date !== undefined))).toBe(true);
});

test("amounts are typed as people write them", () => {
  expect(["1234,5", "1 234.50", "1\u00a0234,50", "0,01"].map(typed)).toEqual([1_234_500_000_000n, 1_234_500_000_000n, 1_234_500_000_000n, 10_000_000n]);
  expect(["", "-1", "1,234,5", "1.234", "много"].map(typed)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(exact(moneyOf(-1_500_000_000n, "RUB"))).toBe(-1_500_000_000n);
  expect(digits(moneyOf(-1_500_000_000n, "RUB"))).toBe("-1.50");
  expect(field(rub(1720n), "ru")).toBe("1720,00");
});

test("how long ago it was", () => {
  const time = { seconds: 1_551_171_600n, nanos: 0 } as Parameters<typeof ago>[0];
  const later = 1_551_171_600_000 + 2 * 3_600_000;
  expect([ago(time, later, "ru"), ago(time, later, "en")]).toEqual(["2 часа назад", "2 hours ago"]);
});

// D34: the bar warns before the limit, and is never longer than itself.
test("how much of a limit is used", () => {
  expect([0n, 1n, 899n, 900n, 1000n, 1200n].map((used) => [percent(used, 1000n), tone(used, 1000n)])).toEqual([
    [0, "calm"], [1, "calm"], [89, "calm"], [90, "near"], [100, "over"], [100, "over"],
  ]);
  expect(counts(1000n, "ru")).toBe("1\u00a0000");
});
