// Staff of the demo at the console: every page is looked at on a desk and on a phone, light and dark,
// in both languages; a package is changed, and its invoice checked and issued, by what stands on the
// screens alone.
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { look, open, type Window } from "./browser";
import { demo, enter as logIn } from "./people";

/** Twenty screens, each looked at closely, on a machine that may have other work. */
const PATIENCE_MS = 240_000;

const WINDOWS: [string, BrowserContextOptions][] = [
  ["desk", {}],
  ["desk-dark-en", { colorScheme: "dark", locale: "en-GB" }],
  ["phone-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
];

async function enter(options: BrowserContextOptions = {}): Promise<Window> {
  const window = await open(options);
  await logIn(window, "/console/login", demo.staff);
  // The door has a heading of its own: what stands around the screens says that one is in.
  await window.page.locator("header nav").waitFor();
  await settled(window.page);
  return window;
}

/** Waits until what is asked for is there. */
async function settled(page: Page) {
  await page.locator("main h1").waitFor();
  await page.waitForFunction(() => !document.querySelector(".mantine-Skeleton-root"));
}

async function go(page: Page, place: string) {
  await page.goto(`/console${place}`);
  await settled(page);
}

/** A client with a service that can be changed: its address. Not everybody with an invoice has one. */
async function serviced(page: Page): Promise<string> {
  await go(page, "/invoices?state=3");
  const links = page.locator("main a[href*='/invoices/']");
  const invoices = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  for (const invoice of invoices) {
    await page.goto(invoice);
    await settled(page);
    await page.locator("main a[href*='/clients/']").first().click();
    await settled(page);
    if ((await page.getByRole("button", { name: /^(Изменить количество|Change the quantity)/ }).count()) > 0) {
      return new URL(page.url()).pathname.replace("/console", "");
    }
  }
  throw new Error("no invoice is of a client with a service that can be changed");
}

describe("the console", () => {
  test.each(WINDOWS)("every page, %s", async (name, options) => {
    const window = await enter(options);
    const { page } = window;
    await look(window, `console-today-${name}`);
    for (const place of ["clients", "orders", "invoices", "billing", "billing?view=close", "billing?view=acts"]) {
      await go(page, `/${place}`);
      await look(window, `console-${place.replace("?view=", "-")}-${name}`);
    }
    const client = await serviced(page);
    for (const tab of ["services", "invoices", "acts", "tickets", "notes", "profile"]) {
      await go(page, `${client}?tab=${tab}`);
      await look(window, `console-client-${tab}-${name}`);
    }
    await go(page, "/invoices?state=3");
    await page.locator("main a[href*='/invoices/']").first().click();
    await page.locator("details summary").first().click();
    await settled(page);
    await look(window, `console-invoice-${name}`);
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await look(window, `console-keys-${name}`);
  }, PATIENCE_MS);

  test("a package is changed, its invoice is checked and issued", async () => {
    const window = await enter();
    const { page } = window;
    await serviced(page);
    await page.getByRole("button", { name: /^Изменить количество/ }).first().click();
    const quantity = page.getByLabel("Сколько должно стать");
    const before = Number(await quantity.inputValue());
    await quantity.fill(String(before + 1));
    const confirm = page.getByRole("button", { name: `Изменить: ${before} → ${before + 1}` });
    await page.getByText(/^Почему по /).first().waitFor();
    await look(window, "console-change");
    await confirm.click();

    await page.getByText("Клиент этого счёта не видит и писем не получал.").waitFor();
    await page.getByText("Письмо", { exact: true }).click();
    await page.getByText("Здравствуйте!").waitFor();
    await look(window, "console-held-letter");
    await page.getByRole("button", { name: "Выпустить" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Выпустить" }).click();
    await page.getByRole("heading", { name: /^№ / }).waitFor();
    await look(window, "console-issued");
    expect(await page.getByText("Клиент этого счёта не видит").count()).toBe(0);
  });

  test("a service is stopped with a reason, and goes on", async () => {
    const window = await enter();
    const { page } = window;
    await serviced(page);
    await page.getByRole("button", { name: /^Приостановить:/ }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Причина").fill("Проверка остановки");
    await look(window, "console-suspend");
    await dialog.getByRole("button", { name: "Приостановить" }).click();
    await dialog.waitFor({ state: "detached" });
    const reason = page.getByText("Проверка остановки");
    await page.getByRole("button", { name: /^Возобновить:/ }).first().waitFor();
    await reason.waitFor();
    await look(window, "console-suspended");
    await page.getByRole("button", { name: /^Возобновить:/ }).first().click();
    await dialog.getByRole("button", { name: "Возобновить" }).click();
    await reason.waitFor({ state: "detached" });
  });

  test("a note is pinned by keyboard alone, and found from anywhere", async () => {
    const window = await enter();
    const { page } = window;
    const client = await serviced(page);
    const title = await page.locator("main h1").innerText();
    await go(page, `${client}?tab=notes`);
    await page.getByLabel("Заметка").focus();
    await page.keyboard.type("Звонить после обеда");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Важное" }).getByText("Звонить после обеда").first().waitFor();
    await go(page, "/");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type(title);
    await page.getByRole("option", { name: title }).first().waitFor();
    await look(window, "console-palette");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: title }).waitFor();
  });

  test("the billing run shows its plan first", async () => {
    const window = await enter();
    const { page } = window;
    await go(page, "/billing");
    await page.getByRole("button", { name: "Посчитать план" }).click();
    await page.getByText(/Будет выставлено|Выставлять нечего/).first().waitFor();
    await look(window, "console-billing-plan");
  });
});
