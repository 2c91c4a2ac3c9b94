// A billing run that cannot bill everybody: one client is named with what to do, the other one is
// billed; when the cause is corrected, the next run makes up for it.
import { expect, test } from "vitest";
import { ru as billing } from "../src/console/billing/texts";
import { Client_Kind, Clients } from "../src/gen/raschet/clients/v1/clients_pb";
import { LegalEntities } from "../src/gen/raschet/clients/v1/legal_entities_pb";
import { Contracts } from "../src/gen/raschet/invoicing/v1/contracts_pb";
import { Invoices } from "../src/gen/raschet/invoicing/v1/invoices_pb";
import { Orders } from "../src/gen/raschet/invoicing/v1/orders_pb";
import { Product_Activation, Product_TaxGround, Products } from "../src/gen/raschet/invoicing/v1/products_pb";
import { Sellers, TaxRegime_Kind } from "../src/gen/raschet/invoicing/v1/sellers_pb";
import { look, type Window } from "./browser";
import { once, program, requisites } from "./program";
import { settled } from "./people";
import { at, go } from "./staff";

/** Walks may be taken again in the same demo. */
const run = Date.now() % 90_000;
const requestId = () => crypto.randomUUID();
const RUB = "RUB";

type Calls = Awaited<ReturnType<typeof program>>;

/** The first day of a month, so many months back. */
function months(back: number) {
  const now = new Date();
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: 1 };
}

/** A seller whose invoice numbers hold the service code of what they are about. */
async function seller(calls: Calls): Promise<string> {
  const { taxId, kpp, ...account } = requisites(run);
  const { name } = await calls(Sellers).createSeller({
    requestId: requestId(),
    seller: {
      title: `ООО «Шифр ${run}»`, country: "RU", taxId, kpp, currency: RUB, signatory: "Директор Шифров Ш. Ш.",
      account: { ...account, bank: "Банк «Пример»" },
      taxRegimes: [{ from: months(24), kind: TaxRegime_Kind.SIMPLIFIED }],
      invoiceNumberFormat: "{service}-{sequence}",
    },
  });
  return name;
}

/** A product by the month; without a service code its invoices cannot be numbered. */
async function product(calls: Calls, seller: string, serviceCode: string): Promise<string> {
  const { name } = await calls(Products).createProduct({
    requestId: requestId(),
    product: {
      title: `Хранение ${run}`, seller, serviceCode, taxGround: Product_TaxGround.STANDARD, activation: Product_Activation.ON_ACCEPT,
    },
  });
  const price = { product: name, from: months(24), cycleMonths: 1, unitPrice: { value: "100.00" }, currency: RUB };
  await calls(Products).createPrice({ requestId: requestId(), price });
  return name;
}

/** Somebody who has had a product for two months; answers the invoice of the first one. */
async function client(calls: Calls, n: number, seller: string, product: string) {
  const { taxId, kpp } = requisites(run + n);
  const company = `ООО «Архив ${run + n}»`;
  const { name } = await calls(Clients).createClient({
    requestId: requestId(),
    client: { kind: Client_Kind.COMPANY, givenName: "Вера", familyName: "Папкина", company, email: `arhiv${run + n}@arhiv.example` },
  });
  const legalEntity = { client: name, title: company, taxId, kpp };
  const payer = await calls(LegalEntities).createLegalEntity({ requestId: requestId(), legalEntity });
  const contract = await once(() => calls(Contracts).createContract({
    requestId: requestId(), contract: { client: name, payer: payer.name, seller, date: months(3) },
  }));
  const line = { product, contract: contract.name, cycleMonths: 1, quantity: 1, startDate: months(2) };
  const order = await calls(Orders).createOrder({ requestId: requestId(), order: { client: name, lines: [line] } });
  const { invoices } = await calls(Orders).acceptOrder({ requestId: requestId(), name: order.name, etag: order.etag });
  return { company, invoice: invoices[0] ?? "" };
}

/** Plans a run, confirms it, and waits for its end. */
async function billed(window: Window): Promise<void> {
  const { page } = window;
  await go(window, "/billing");
  await page.getByRole("button", { name: billing.plan }).click();
  const verb = /^Выставить \d/;
  await page.getByRole("button", { name: verb }).click();
  await page.getByRole("dialog").getByRole("button", { name: verb }).click();
  await page.getByText(billing.made, { exact: true }).waitFor();
  await settled(window);
}

test("a client that cannot be billed is named with what to do, and the others are billed", { timeout: 120_000 }, async () => {
  const calls = await program();
  const of = await seller(calls);
  const nameless = await product(calls, of, "");
  const without = await client(calls, 1, of, nameless);
  const billable = await client(calls, 2, of, await product(calls, of, "AR"));

  const window = await at("/billing");
  const { page } = window;
  await billed(window);
  const row = (company: string) => page.getByRole("main").getByRole("row", { name: company }).first();
  await row(without.company).getByText("Укажите код у продукта", { exact: false }).waitFor();
  await row(billable.company).getByRole("link", { name: billing.open }).waitFor();
  await page.getByText(billing.problemsNote).waitFor();
  await look(window, "run-errors");
  expect(await row(without.company).getByRole("link", { name: billing.open }).count()).toBe(0);

  // The cause is corrected: the next run makes up for it.
  await calls(Products).updateProduct({
    requestId: requestId(), product: { name: nameless, serviceCode: "AW" }, updateMask: { paths: ["service_code"] },
  });
  await billed(window);
  await row(without.company).getByRole("link", { name: billing.open }).first().waitFor();
  await look(window, "run-errors-corrected");
  for (const name of [without.invoice, billable.invoice]) await calls(Invoices).issueInvoice({ requestId: requestId(), name });
});
