// Treasury and support at their desks, in the demo: a line is matched and taken back by keys alone; a
// note is no letter.
import { describe, expect, test } from "vitest";
import { look } from "./browser";
import { settled } from "./people";
import { at } from "./staff";

const LINES = "ol > li > a[href*='line=']";

describe("the desk", () => {
  // web.md, requirements 5, 6 and 8: no mouse is needed, in a Russian layout either.
  test("a line is matched and taken back by keys alone", async () => {
    const window = await at("/reconciliation");
    const { page } = window;
    const accept = page.getByRole("button", { name: /^Привязать и дальше/ });
    await page.locator(LINES).first().waitFor();
    for (let step = 0; step < 30 && !(await accept.isVisible()); step += 1) {
      await page.keyboard.press("j");
      await settled(window);
    }
    expect(await accept.isEnabled()).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByText(/^✓ Привязано: /).waitFor();
    await page.keyboard.press("u");
    await page.getByLabel("Причина").waitFor();
    // Typed letters are text there, and no keys.
    await page.keyboard.type("jk1 не тот счёт");
    await page.keyboard.press("Enter");
    await page.getByText("✓ Привязка отменена, строка снова ждёт разбора").waitFor();
    await page.keyboard.press("Shift+Slash");
    await page.getByRole("dialog").getByText("Следующая строка").waitFor();
    await look(window, "keys-desk");
    await page.keyboard.press("Escape");
    // `g t` goes to the tickets, and takes none.
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.waitForURL(/\/console\/tickets/);
  });

  test("a note is no letter", async () => {
    const window = await at("/tickets?state=1");
    const { page } = window;
    // One that somebody wrote: where there is no address there is nobody to answer.
    await page.locator("main tr", { hasText: "@" }).locator("a[href*='/tickets/']").first().click();
    await page.locator("main textarea").first().waitFor();
    await page.keyboard.press("n");
    await page.getByLabel("Заметка для сотрудников").fill("Позвонить после обеда");
    expect(await page.getByRole("button", { name: "Отправить клиенту" }).count()).toBe(0);
    await page.keyboard.press("Control+Enter");
    await page.getByText("Заметка сохранена. Клиенту ничего не отправлено.").waitFor();
    await page.keyboard.press("Tab");
    await page.getByText("Ответ клиенту").last().click();
    await page.getByLabel("Текст письма клиенту").fill("Здравствуйте! Уже смотрим.");
    await page.getByRole("button", { name: "Отправить клиенту" }).click();
    await page.getByText("Ответ отправлен клиенту").waitFor();
    await look(window, "ticket-answered-desk");
  });
});
