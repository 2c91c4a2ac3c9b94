// What is pressed rarely, and must work the better: a payment is split between invoices, a ticket is
// handed over and closed, a stranger's letter becomes a ticket after all, a list is kept under a name.
import { expect, test } from "vitest";
import { ru as letters } from "../src/console/letters/texts";
import { ru as matching } from "../src/console/matching/texts";
import { ru as bank } from "../src/console/reconciliation/texts";
import { ru as tickets } from "../src/console/tickets/texts";
import { ru as views } from "../src/console/views/texts";
import { look } from "./browser";
import { settled } from "./people";
import { at, go } from "./staff";

test("a payment is split, and what is left stays in the line", { timeout: 90_000 }, async () => {
  const window = await at("/reconciliation");
  const { page } = window;
  const dialog = page.getByRole("dialog");
  // The first line that resembles an invoice: parts are proposed then.
  const amounts = dialog.getByRole("textbox", { name: new RegExp(`^${bank.amount}: `) });
  const split = page.getByRole("button", { name: new RegExp(`^${bank.split}`) }).first();
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press("j");
    await settled(window);
    if (!(await split.isVisible())) continue;
    await page.keyboard.press("s");
    await dialog.getByText(bank.splitText).waitFor();
    if ((await amounts.count()) > 0) break;
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
  await amounts.first().fill("сто");
  await dialog.getByText(bank.badAmount).waitFor();
  const go = dialog.getByRole("button", { name: bank.splitDo });
  expect(await go.isEnabled()).toBe(false);
  await amounts.first().fill("999999999");
  await dialog.getByText(new RegExp(bank.tooMuch)).waitFor();
  expect(await go.isEnabled()).toBe(false);
  for (const more of (await amounts.all()).slice(1)) await more.fill("");
  await amounts.first().fill("1,00");
  await look(window, "rarely-split");
  await go.click();
  await dialog.waitFor({ state: "detached" });
  // A rouble is set against the invoice; the line still waits with the rest, and the rouble comes back.
  await page.getByText(/1,00\s₽/).first().waitFor();
  await look(window, "rarely-split-rest");
});

test("how far the machine may go is set with a reason, and remembered", { timeout: 60_000 }, async () => {
  const window = await at("/matching");
  const { page } = window;
  await page.getByRole("button", { name: matching.change }).click();
  const dialog = page.getByRole("dialog");
  const set = dialog.getByRole("button", { name: matching.set });
  const count = dialog.getByLabel(matching.countLimit);
  await dialog.getByLabel(matching.reason).fill("Проверка перед отчётом");
  await count.fill("много");
  await dialog.getByText(matching.wholeNumber).waitFor();
  expect(await set.isEnabled()).toBe(false);
  await count.fill("100000");
  await dialog.getByLabel(matching.amountLimit).fill("900 000 000,50");
  await look(window, "rarely-matching");
  await set.click();
  await dialog.waitFor({ state: "detached" });
  const held = page.getByRole("region", { name: matching.now });
  await held.getByText(/^900\s000\s000,50\s₽$/).waitFor();
  const history = page.getByRole("table", { name: matching.history });
  await history.getByText("Проверка перед отчётом").waitFor();
  await settled(window);
  await look(window, "rarely-matching-set");
});

test("a ticket is handed over, closed, and tells it", { timeout: 90_000 }, async () => {
  const window = await at("/tickets?state=1");
  const { page } = window;
  await page.locator("main a[href*='/tickets/']").first().click();
  await settled(window);
  await page.getByRole("button", { name: tickets.assign, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: tickets.assignee }).click();
  await page.getByRole("option", { name: "Матвей Ночной" }).click();
  await dialog.getByLabel(tickets.department).fill("second_line");
  await look(window, "rarely-assign");
  await dialog.getByRole("button", { name: tickets.assign, exact: true }).click();
  const thread = page.getByRole("list", { name: tickets.thread });
  await thread.getByText(/^— Исполнитель: Матвей Ночной\. Назначено: /).waitFor();
  await thread.getByText(/Отдел: \S+ → second_line/).waitFor();
  await page.getByRole("button", { name: tickets.close, exact: true }).click();
  await dialog.getByRole("button", { name: tickets.close }).click();
  await thread.getByText(/Закрыто: /).waitFor();
  await look(window, "rarely-history");
});

test("a stranger's letter is processed again", { timeout: 90_000 }, async () => {
  const window = await at("/letters");
  const { page } = window;
  const again = page.getByRole("main").getByRole("button", { name: letters.again });
  // There is one as long as nobody has vouched for it yet: a walk that was taken before has.
  if ((await again.count()) === 0) return;
  await again.first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(letters.againText).waitFor();
  await look(window, "rarely-again");
  await dialog.getByRole("button", { name: letters.again }).click();
  await dialog.waitFor({ state: "detached" });
  await settled(window);
  await look(window, "rarely-processed");
});

test("a list is kept under a name, found from anywhere, and forgotten", { timeout: 90_000 }, async () => {
  // Walks may be taken again in the same demo.
  const name = `Должники ${Date.now() % 100_000}`;
  // One that nobody has kept.
  const place = `/invoices?overdue=true&number=${Date.now() % 100_000}`;
  const window = await at(place);
  const { page } = window;
  await page.getByRole("button", { name: views.keep }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(views.title).fill(name);
  await look(window, "rarely-keep");
  await dialog.getByRole("button", { name: views.keep }).click();
  const kept = page.getByRole("navigation", { name: views.views });
  await kept.getByRole("link", { name: name }).waitFor();
  await look(window, "rarely-kept");
  await go(window, "/tickets");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.type(name.toLowerCase());
  await page.getByRole("option", { name: new RegExp(name) }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/console\/invoices\?/);
  await kept.getByRole("button", { name: views.forget(name) }).click();
  await kept.getByRole("link", { name: name }).waitFor({ state: "detached" });
});
