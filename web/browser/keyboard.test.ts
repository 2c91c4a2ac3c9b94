// The same work without a mouse: in by Tab and Enter, about by keys, a held invoice issued, a bank
// line accepted.
import { expect, test } from "vitest";
import { ru as invoices } from "../src/console/invoices/texts";
import { ru as bank } from "../src/console/reconciliation/texts";
import { look, open, type Window } from "./browser";
import { demo, settled } from "./people";
import { go } from "./staff";

/** Presses Tab until what has the focus is named so; fails when everything was passed. */
async function tabTo({ page }: Window, name: RegExp): Promise<void> {
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    });
    if (name.test(focused)) return;
  }
  throw new Error(`Tab does not reach ${name}`);
}

test("by keyboard only", { timeout: 180_000 }, async () => {
  const window = await open();
  const { page } = window;
  await page.goto("/console/login");
  await settled(window);
  // The first field has the focus already.
  await page.keyboard.type(demo.staff.login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(demo.staff.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.endsWith("/login"));
  // Keys are heard once the place stands in which they lead about.
  await page.locator("header nav").waitFor();
  await settled(window);

  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await page.waitForURL(/\/console\/invoices/);
  await go(window, "/invoices?state=2");
  await tabTo(window, /без номера/i);
  await page.keyboard.press("Enter");
  await page.getByText(invoices.held).waitFor();
  await settled(window);
  await tabTo(window, new RegExp(`^${invoices.issue}$`));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  // The button that does it has the focus.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(invoices.issue);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /^№/ }).waitFor();
  await look(window, "keyboard-issued");

  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.waitForURL(/\/console\/reconciliation/);
  await settled(window);
  const status = page.getByRole("heading", { level: 1 }).locator("xpath=following-sibling::*[@role='status']");
  const before = await status.textContent();
  // Down to a line that resembles something; the first candidate is chosen.
  const accept = page.getByRole("button", { name: bank.acceptNext });
  for (let step = 0; step < 20 && !(await accept.isVisible()); step += 1) {
    await page.keyboard.press("j");
    await settled(window);
  }
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await page.getByText(new RegExp(bank.accepted("", "").split(":")[0] ?? "")).first().waitFor();
  await expect.poll(() => status.textContent()).not.toBe(before);
  await look(window, "keyboard-accepted");
});
