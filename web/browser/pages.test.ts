// Every page of the console is looked at: on a phone and on a desk, light and dark, in both languages.
// Nothing is changed here, so that this goes on beside the walks that work.
import type { BrowserContextOptions } from "playwright-core";
import { describe, test } from "vitest";
import { looks, type View } from "./browser";
import { settled } from "./people";
import { desk, goOn, serviced } from "./staff";

/** Who looks: in which language, and in which views. */
const PASSES: [string, BrowserContextOptions, View[]][] = [
  ["ru", {}, ["phone", "phone-dark", "desk"]],
  ["en", { locale: "en-GB" }, ["desk-dark"]],
];
/** The same where there are many pages. */
const OF_MANY: typeof PASSES = [
  ["ru", {}, ["phone-dark", "desk"]],
  ["en", { locale: "en-GB" }, ["desk-dark"]],
];
/** Many pages, each looked at closely, on a machine that may have other work. */
const PATIENCE = { timeout: 240_000 };
const LINES = "ol > li > a[href*='line=']";

describe("pages", PATIENCE, () => {
  test.each(OF_MANY)("of the company, %s", async (name, options, views) => {
    const window = await desk(options, views[0]);
    const { page } = window;
    await looks(window, `console-today-${name}`, views);
    for (const place of ["clients", "orders", "quotes", "quotes/new", "invoices", "billing", "billing?view=close", "billing?view=acts"]) {
      await goOn(window, `/${place}`);
      await looks(window, `console-${place.replace(/\?view=|\//, "-")}-${name}`, views);
    }
    const client = await serviced(window);
    for (const tab of ["services", "invoices", "quotes", "acts", "tickets", "notes", "profile"]) {
      await goOn(window, `${client}?tab=${tab}`);
      await looks(window, `console-client-${tab}-${name}`, views);
    }
    await goOn(window, "/quotes?state=2");
    await page.locator("main a[href*='/quotes/']").nth(1).click();
    await page.getByRole("button", { name: /^(Клиент согласен|The client agrees)/ }).waitFor();
    await looks(window, `console-quote-${name}`, views);
    await goOn(window, "/invoices?state=3");
    await page.locator("main a[href*='/invoices/']").first().click();
    await page.locator("details summary").first().click();
    await settled(window);
    await looks(window, `console-invoice-${name}`, views);
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await looks(window, `console-keys-${name}`, views);
  });

  test.each(PASSES)("of the bank and the post, %s", async (name, options, views) => {
    const window = await desk(options, views[0]);
    const { page } = window;
    await goOn(window, "/reconciliation");
    await looks(window, `reconciliation-${name}`, views);
    await page.locator(LINES).nth(1).click();
    await page.locator("main h2").first().waitFor();
    await settled(window);
    await looks(window, `reconciliation-line-${name}`, views);
    await goOn(window, "/reconciliation?state=3");
    await page.locator(LINES).first().waitFor();
    await looks(window, `reconciliation-matched-${name}`, views);
    await goOn(window, "/tickets");
    await page.locator("main time").first().waitFor();
    await looks(window, `tickets-${name}`, views);
    await page.locator("main a[href*='/tickets/']").first().click();
    await page.locator("main textarea").first().waitFor();
    await settled(window);
    await looks(window, `ticket-${name}`, views);
    for (const place of ["letters", "letters?out=true", "parked", "matching", "rules"]) {
      await goOn(window, `/${place}`);
      await looks(window, `${place.replace("?out=true", "-out")}-${name}`, views);
    }
  });

  test.each(PASSES)("of plans, %s", async (name, options, views) => {
    const window = await desk(options, views[0]);
    const { page } = window;
    await page.locator("section button", { hasText: /^\+/ }).first().click();
    await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
    await looks(window, `plans-event-${name}`, views);
    await page.keyboard.press("Escape");
    for (const place of ["tasks", "tasks?whose=all&done=true", "notes", "services", "services?state=3"]) {
      await goOn(window, `/${place}`);
      await looks(window, `plans-${place.replace(/\W/g, "-")}-${name}`, views);
    }
  });
});
