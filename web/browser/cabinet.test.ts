// A customer of the demo at its cabinet: every page is looked at on a phone and on a desk, light and
// dark, in both languages; a request is written; an invoice is paid without a login.
import type { BrowserContextOptions } from "playwright-core";
import { describe, expect, test } from "vitest";
import { look, open } from "./browser";
import { demo, enter } from "./people";

const WINDOWS: [string, BrowserContextOptions][] = [
  ["phone", { viewport: { width: 360, height: 740 } }],
  ["phone-dark", { viewport: { width: 360, height: 740 }, colorScheme: "dark" }],
  ["desk", {}],
  ["desk-dark-en", { colorScheme: "dark", locale: "en-GB" }],
];

describe("the cabinet", () => {
  test.each(WINDOWS)("every page, %s", async (name, options) => {
    const window = await open(options);
    const { page } = window;
    await page.goto("/cabinet");
    await page.locator("form").waitFor();
    await look(window, `cabinet-login-${name}`);
    await enter(window, "/cabinet", demo.customer);
    await page.locator(".account").waitFor();
    await page.getByRole("meter").first().waitFor();
    await look(window, `cabinet-home-${name}`);
    for (const place of ["invoices", "payments", "requests"]) {
      await page.goto(`/cabinet/${place}`);
      await page.locator(".card").first().waitFor();
      await look(window, `cabinet-${place}-${name}`);
    }
    await page.goto("/cabinet/invoices");
    await page.locator("a.title").first().click();
    await page.locator("details.why summary").first().click();
    await look(window, `cabinet-invoice-${name}`);
    await page.locator(".menu summary").click();
    await look(window, `cabinet-menu-${name}`);
    await page.keyboard.press("Escape");
    expect(await page.locator(".sheet").isVisible()).toBe(false);
  });

  test("a request is written and read", async () => {
    const window = await open({ viewport: { width: 360, height: 740 } });
    const { page } = window;
    await enter(window, "/cabinet", demo.customer);
    await page.getByRole("link", { name: "Обращения" }).click();
    await page.getByRole("link", { name: "Новое обращение" }).click();
    await page.getByLabel("Тема").fill("Проверка кабинета");
    await page.getByLabel("Сообщение").fill("Сколько места осталось?");
    await page.getByRole("button", { name: "Отправить" }).click();
    await page.getByText("Сколько места осталось?").waitFor();
    await page.getByLabel("Ответить").fill("И ещё вопрос.");
    await page.getByRole("button", { name: "Отправить" }).click();
    await page.locator(".thread").getByText("И ещё вопрос.").waitFor();
    await look(window, "cabinet-request-phone");
  });

  test("staff are told where their door is", async () => {
    const window = await open();
    await enter(window, "/cabinet", demo.staff);
    await window.page.getByRole("link", { name: "Перейти в консоль" }).waitFor();
    await look(window, "cabinet-staff-desk");
  });

  test.each(WINDOWS)("an invoice's page needs no login, %s", async (name, options) => {
    const customer = await open();
    await enter(customer, "/cabinet", demo.customer);
    await customer.page.locator(".account").waitFor();
    await customer.page.goto("/cabinet/invoices");
    const link = customer.page.locator(".acts a[href^='/pay/']").first();
    const path = (await link.getAttribute("href"))?.replace("/invoice.pdf", "") ?? "";
    const stranger = await open(options);
    await stranger.page.goto(path);
    expect(await stranger.page.locator("script").count()).toBe(0);
    await look(stranger, `pay-${name}`);
  });
});
