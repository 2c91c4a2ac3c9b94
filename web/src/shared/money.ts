// Money is written from its decimal digits: a float would round what people pay.
import { create } from "@bufbuild/protobuf";
import type { Decimal } from "../gen/google/type/decimal_pb";
import { MoneySchema, type Money } from "../gen/google/type/money_pb";

/** `1234.5` of a google.type.Money, exactly. */
export function digits(money: Money): string {
  const negative = money.units < 0n || money.nanos < 0;
  const units = money.units < 0n ? -money.units : money.units;
  const fraction = String(Math.abs(money.nanos)).padStart(9, "0").replace(/0{1,7}$/, "");
  return `${negative ? "-" : ""}${units}.${fraction}`;
}

/** The amount as people of the language write it, such as `1 234,50 ₽`. */
export function amount(money: Money | undefined, language: string): string {
  if (!money) return "—";
  const format = new Intl.NumberFormat(language, {
    style: "currency",
    currency: money.currencyCode || "RUB",
    currencyDisplay: "narrowSymbol",
  });
  // A string of digits is formatted exactly; the type is narrower than the standard.
  return format.format(digits(money) as Intl.StringNumericLiteral).replace("-", "−");
}

/** A price, which may have more digits than money has. */
export function price(value: Decimal | undefined, currency: string, language: string): string {
  if (!value?.value) return "—";
  const format = new Intl.NumberFormat(language, {
    style: "currency", currency: currency || "RUB", currencyDisplay: "narrowSymbol", maximumFractionDigits: 6,
  });
  return format.format(value.value as Intl.StringNumericLiteral);
}

const NANOS = 1_000_000_000n;
/** The amount in billionths of its unit: what is added and compared; 0 for none. */
export const exact = (money: Money | undefined): bigint => (money ? money.units * NANOS + BigInt(money.nanos) : 0n);

/** The amount of so many billionths. */
export const moneyOf = (nanos: bigint, currencyCode: string): Money =>
  create(MoneySchema, { currencyCode, units: nanos / NANOS, nanos: Number(nanos % NANOS) });

/** Whether it is below zero, zero or above: -1, 0 or 1. */
export function sign(money: Money | undefined): -1 | 0 | 1 {
  const value = exact(money);
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

/** Exact sums, one per currency, in the order of the codes: sums of several are never mixed. */
export function sums(parts: (Money | undefined)[]): Money[] {
  const totals = new Map<string, bigint>();
  for (const part of parts) {
    if (part) totals.set(part.currencyCode, (totals.get(part.currencyCode) ?? 0n) + exact(part));
  }
  return [...totals].sort(([a], [b]) => a.localeCompare(b)).map(([currency, value]) => moneyOf(value, currency));
}

/** Sums as one text, such as `100,00 ₽ · 5,00 $`. */
export const amounts = (parts: Money[], language: string): string =>
  parts.map((part) => amount(part, language)).join(" · ");

/** A formula with its numbers as people of the language write them. */
export const formula = (text: string, language: string): string =>
  language === "ru" ? text.replace(/(\d)\.(\d)/g, "$1,$2") : text;

/** What a person typed, such as `1 234,5` or `1234.50`, in billionths; nothing when it is no amount. */
export function typed(text: string): bigint | undefined {
  const parts = /^(\d{1,15})(?:[.,](\d{1,2}))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ""));
  if (!parts?.[1]) return undefined;
  return BigInt(parts[1]) * NANOS + BigInt((parts[2] ?? "").padEnd(9, "0"));
}

/** The amount as it stands in a field: `1234,50`. */
export const field = (money: Money, language: string) =>
  digits(money).replace(".", language === "ru" ? "," : ".");
