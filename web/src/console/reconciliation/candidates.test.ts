import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { InvoiceSchema } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { LineSchema, type Reason } from "../../gen/raschet/payments/v1/lines_pb";
import { bandOf, effect, marked, neighbour, proposed } from "./candidates";

const reasons = (...codes: string[]) => codes.map((code) => ({ code, text: code })) as Reason[];
const rub = (units: bigint, nanos = 0) => ({ currencyCode: "RUB", units, nanos });

test.each([
  ["high", ["NUMBER_EXACT", "AMOUNT_EQUAL", "PAYER_TAX_ID", "SELLER_ACCOUNT"]],
  ["high", ["NUMBER_EXACT", "AMOUNT_SHORT", "PAYER_TAX_ID", "SELLER_ACCOUNT"]],
  ["medium", ["NUMBER_ABSENT", "AMOUNT_EQUAL", "PAYER_TAX_ID", "SELLER_ACCOUNT"]],
  ["medium", ["NUMBER_EXACT", "AMOUNT_EQUAL", "PAYER_UNKNOWN"]],
  ["low", ["NUMBER_ABSENT", "AMOUNT_OVER", "PAYER_TAX_ID"]],
  ["low", ["NUMBER_EXACT", "AMOUNT_EQUAL", "PAYER_DIFFERS"]],
  ["never", ["NUMBER_EXACT", "INVOICE_PAID", "PAYER_TAX_ID"]],
  ["never", ["NUMBER_EXACT", "AMOUNT_EQUAL", "PAYER_TAX_ID", "PAID_TO_OTHER_SELLER"]],
])("%s: %j", (band, codes) => expect(bandOf(reasons(...codes))).toBe(band));

test("proposals come in their order, and the clients' credit behind them", () => {
  const proposals = [{ invoices: ["invoices/b"], client: "clients/1" }, { invoices: ["invoices/a"], client: "clients/1" }];
  const keys = proposed(create(LineSchema, { proposals })).map((one) => one.key);
  expect(keys).toEqual(["invoices/b", "invoices/a", "credit/clients/1"]);
});

test("what becomes of the money is exact", () => {
  const line = create(LineSchema, { unallocated: rub(100n, 10_000_000) });
  const invoice = create(InvoiceSchema, { residual: rub(100n) });
  expect(effect(line, invoice)).toEqual({ pays: 100_000_000_000n, credit: 10_000_000n, left: 0n });
  expect(effect(line, create(InvoiceSchema, { residual: rub(101n) })).left).toBe(990_000_000n);
  expect(effect(line, undefined)).toEqual({ pays: 0n, credit: 100_010_000_000n, left: 0n });
});

test("the purpose shows where it names the invoice, whole or without its prefix", () => {
  expect(marked("оплата сч 88#72815 от 1.2", "88#72815")).toEqual(["оплата сч ", "88#72815", " от 1.2"]);
  expect(marked("счёт 72815", "88#72815")).toEqual(["счёт ", "72815", ""]);
  expect(marked("счёт 728156", "72815")).toEqual(["счёт 728156"]);
  expect(marked("за услуги", "")).toEqual(["за услуги"]);
});

test("stepping stays in the list", () => {
  const lines = ["lines/1", "lines/2"].map((name) => create(LineSchema, { name }));
  expect(neighbour(lines, "lines/1", 1)).toBe("lines/2");
  expect(neighbour(lines, "lines/2", 1)).toBe("lines/2");
  expect(neighbour(lines, "lines/1", -1)).toBe("lines/1");
  expect(neighbour(lines, undefined, 1)).toBe("lines/1");
  expect(neighbour([], undefined, 1)).toBeUndefined();
});
