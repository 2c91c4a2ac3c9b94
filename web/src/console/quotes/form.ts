// What is typed into a new quote, and what it says to the services.
import type { Decimal } from "../../gen/google/type/decimal_pb";
import type { Product } from "../../gen/raschet/invoicing/v1/products_pb";
import type { Quote } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { fromIso, iso } from "../../shared/dates";

export interface Row {
  /** Stays the same while rows come and go. */
  key: number;
  /** Format: products/{product} */
  product: string;
  /** Months of the price's cycle; 0 for what is charged once or free. */
  months: string;
  quantity: number | string;
  override: string;
  reason: string;
  start: string;
}

export interface Typed {
  /** Format: contracts/{contract} */
  contract: string;
  until: string;
  subject: string;
  note: string;
  duplicate: string;
  rows: Row[];
}

export const newRow = (key: number): Row => ({ key, product: "", months: "", quantity: 1, override: "", reason: "", start: "" });

/** A decimal as it is typed, with a comma or a point. */
const decimal = (text: string) => text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");

export const isComplete = ({ contract, until, rows }: Typed): boolean =>
  contract !== "" && fromIso(until) !== undefined && rows.length > 0 &&
  rows.every((row) => row.product && row.months !== "" && Number(row.quantity) > 0 && (!row.override.trim() || row.reason.trim() !== ""));

/** The quote that was typed. */
export const quoteOf = (client: string, typed: Typed) => ({
  client,
  contract: typed.contract,
  validUntil: fromIso(typed.until),
  subject: typed.subject,
  note: typed.note,
  lines: typed.rows.map((row) => ({
    product: row.product,
    cycleMonths: Number(row.months),
    quantity: Number(row.quantity),
    priceOverride: row.override.trim() ? { value: decimal(row.override) } : undefined,
    overrideReason: row.override.trim() ? row.reason : "",
    startDate: fromIso(row.start),
    duplicateReason: typed.duplicate,
  })),
});

/** A new quote that begins as another ended; its days are over, so they are not taken. */
export const typedLike = (quote: Quote, until: string): Typed => ({
  contract: quote.contract,
  until,
  subject: quote.subject,
  note: quote.note,
  duplicate: quote.lines.find((line) => line.duplicateReason)?.duplicateReason ?? "",
  rows: quote.lines.map((line, key) => ({
    key,
    product: line.product,
    months: String(line.cycleMonths),
    quantity: line.quantity,
    override: line.priceOverride?.value ?? "",
    reason: line.overrideReason,
    start: "",
  })),
});

export interface Listed {
  months: number;
  unitPrice: Decimal | undefined;
  currency: string;
}

/** The listed prices of a product on a day, one a cycle: the newest of each that has begun. */
export function listed(product: Product | undefined, today: string): Listed[] {
  const begun = (product?.prices ?? []).filter((price) => price.from && iso(price.from) <= today);
  const newest = [...begun].sort((a, b) => (iso(b.from!) < iso(a.from!) ? -1 : 1));
  const cycles = [...new Set(newest.map((price) => price.cycleMonths))].sort((a, b) => a - b);
  return cycles.flatMap((months) => newest.find((price) => price.cycleMonths === months) ?? [])
    .map((price) => ({ months: price.cycleMonths, unitPrice: price.unitPrice, currency: price.currency }));
}
