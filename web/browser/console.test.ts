// Staff of the demo at the console: a package is changed, and its invoice checked and issued, by what
// stands on the screens alone; a service is stopped, a note is pinned, a run is planned.
import { describe, expect, test } from "vitest";
import { look } from "./browser";
import { desk, go, serviced } from "./staff";

describe("the console", () => {
  test("a package is changed, its invoice is checked and issued", async () => {
    const window = await desk();
    const { page } = window;
    await serviced(window);
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
    const window = await desk();
    const { page } = window;
    await serviced(window);
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
    const window = await desk();
    const { page } = window;
    const client = await serviced(window);
    const title = await page.locator("main h1").innerText();
    await go(window, `${client}?tab=notes`);
    await page.getByLabel("Заметка").focus();
    await page.keyboard.type("Звонить после обеда");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Важное" }).getByText("Звонить после обеда").first().waitFor();
    await go(window, "/");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type(title);
    await page.getByRole("option", { name: title }).first().waitFor();
    await look(window, "console-palette");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: title }).waitFor();
  });

  test("the billing run shows its plan first", async () => {
    const window = await desk();
    const { page } = window;
    await go(window, "/billing");
    await page.getByRole("button", { name: "Посчитать план" }).click();
    await page.getByText(/Будет выставлено|Выставлять нечего/).first().waitFor();
    await look(window, "console-billing-plan");
  });
});
