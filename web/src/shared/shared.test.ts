import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { MoneySchema } from "../gen/google/type/money_pb";
import { day } from "./dates";
import { ru } from "../console/invoices/texts";
import { amount, digits } from "./money";

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
  expect(amount(undefined, "ru")).toBe("—");
});

test("calendar dates are written as they are", () => {
  const date = { year: 2019, month: 2, day: 5 } as Parameters<typeof day>[0];
  expect(day(date, "ru")).toBe("05.02.2019");
  expect(day(date, "en")).toBe("2019-02-05");
});
