// The main job on screen: a service is changed, its invoice checked and issued, the customer sees and
// would pay it, the bank's statement says that he has, and the invoice is paid.
import { expect, test } from "vitest";
import { ru as cabinet } from "../src/cabinet/texts";
import { ru as clients } from "../src/console/clients/texts";
import { ru as invoices } from "../src/console/invoices/texts";
import { ru as bank } from "../src/console/reconciliation/texts";
import { ru as services } from "../src/console/services/texts";
import { statement } from "./bank";
import { look, open } from "./browser";
import { demo, enter, settled } from "./people";

test("from a change of a service to a paid invoice", { timeout: 240_000 }, async () => {
  const staff = await open();
  const { page } = staff;
  await enter(staff, "/console/login", demo.staff);

  // The client is found by its e-mail, and one more user is wanted.
  await page.goto("/console/clients");
  await page.getByRole("searchbox").fill(demo.customer.login);
  await expect.poll(() => page.getByRole("main").getByRole("row").count()).toBe(2);
  await page.getByRole("main").getByRole("link").first().click();
  await settled(staff);
  const card = page.url();
  await page.getByRole("tab", { name: clients.tabs.profile }).click();
  await settled(staff);
  const inn = /\b\d{10}\b/.exec((await page.getByRole("main").textContent()) ?? "")?.[0] ?? "";
  expect(inn).not.toBe("");
  await page.getByRole("tab", { name: clients.tabs.services }).click();
  await page.getByRole("button", { name: clients.change }).first().click();
  const quantity = page.getByLabel(services.quantity);
  const before = Number(await quantity.inputValue());
  await quantity.fill(String(before + 1));
  await page.getByText(services.toPay).waitFor();
  await look(staff, "walk-change");
  await page.getByRole("button", { name: services.confirm(before, before + 1) }).click();

  // Its invoice is held: nobody has seen it; it is checked, and issued.
  await page.getByText(invoices.held).waitFor();
  await settled(staff);
  await look(staff, "walk-held");
  await page.getByRole("button", { name: invoices.issue, exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: invoices.issue }).click();
  await page.getByRole("heading", { name: /^№/ }).waitFor();
  const number = (await page.getByRole("heading", { level: 1 }).textContent())?.replace("№ ", "").trim() ?? "";
  const invoice = page.url();

  // The customer sees it, and how to pay it.
  const customer = await open({}, "phone");
  await enter(customer, "/cabinet", demo.customer);
  await customer.page.getByRole("link", { name: cabinet.payOf(number) }).click();
  await customer.page.waitForURL(/\/pay\//);
  const paper = (await customer.page.getByRole("main").textContent()) ?? "";
  expect(paper).toContain(number);
  await look(customer, "walk-pay");
  const sum = /(\d[\d\s\u00a0\u202f]*,\d\d)\s?₽/.exec(paper)?.[1]?.replace(/[^\d,]/g, "").replace(",", ".") ?? "";
  expect(sum).toMatch(/^\d+\.\d\d$/);

  // The bank's statement says that he has paid; nobody has to look for it.
  await page.goto("/console/reconciliation");
  await page.getByRole("button", { name: bank.upload }).click();
  const chosen = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: bank.choose }).click();
  await (await chosen).setFiles(statement({ amount: sum, inn, purpose: `Оплата по счету № ${number}` }));
  await page.getByRole("dialog").getByRole("button", { name: bank.send }).click();
  await page.getByText(bank.newLines).waitFor();
  await page.getByRole("button", { name: bank.show }).or(page.getByRole("link", { name: bank.show })).click();
  await settled(staff);

  await expect.poll(async () => {
    await page.goto(invoice);
    await settled(staff);
    return page.getByRole("main").textContent();
  }, { timeout: 30_000 }).toMatch(new RegExp(`${invoices.payments[3]}(?!о| частично)`));
  await look(staff, "walk-paid");
  await page.goto(card);
  await settled(staff);
  await look(staff, "walk-card");

  await customer.page.goto("/cabinet/invoices");
  await customer.page.getByRole("listitem").filter({ hasText: number }).getByText(cabinet.states.paid).waitFor();
});
