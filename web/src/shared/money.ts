// Money is written from its decimal digits: a float would round what people pay.
import type { Money } from "../gen/google/type/money_pb";

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
  return format.format(digits(money) as Intl.StringNumericLiteral);
}
