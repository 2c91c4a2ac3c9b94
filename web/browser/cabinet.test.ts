// A customer of the demo at its cabinet: every page is looked at on a phone and on a desk, light and
// dark, in both languages; a request is written; an invoice is paid without a login.
import type { BrowserContextOptions } from "playwright-core";
import { describe, expect, test } from "vitest";
import { look, looks, open, type View } from "./browser";
import { demo, enter } from "./people";

/** Who looks: in which language, and in which views. */
const PASSES: [string, BrowserContextOptions, View[]][] = [
  ["ru", {}, ["small", "small-dark", "desk"]],
  ["en", { locale: "en-GB" }, ["desk-dark"]],
];

describe("the cabinet", () => {
  test.each(PASSES)("every page, %s", async (name, options, views) => {
    const window = await open(options, views[0]);
    const { page } = window;
    await page.goto("/cabinet");
    await page.locator("form").waitFor();
    await looks(window, `cabinet-login-${name}`, views);
    await enter(window, "/cabinet", demo.customer);
    await page.locator(".account").waitFor();
    await page.getByRole("meter").first().waitFor();
    await looks(window, `cabinet-home-${name}`, views);
    for (const place of ["invoices", "quotes", "payments", "requests"]) {
      await page.goto(`/cabinet/${place}`);
      await page.locator(".card").first().waitFor();
      await looks(window, `cabinet-${place}-${name}`, views);
    }
    await page.goto("/cabinet/invoices");
    await page.locator("a.title").first().click();
    await page.locator("details.why summary").first().click();
    await looks(window, `cabinet-invoice-${name}`, views);
    await page.locator(".menu summary").click();
    await looks(window, `cabinet-menu-${name}`, views);
    await page.keyboard.press("Escape");
    expect(await page.locator(".sheet").isVisible()).toBe(false);
  });

  test("a request is written and read", async () => {
    const window = await open({}, "small");
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
    await look(window, "cabinet-request-small");
  });

  test("staff are told where their door is", async () => {
    const window = await open();
    await enter(window, "/cabinet", demo.staff);
    await window.page.getByRole("link", { name: "Перейти в консоль" }).waitFor();
    await look(window, "cabinet-staff-desk");
  });

  test.each(PASSES)("an invoice's page needs no login, %s", async (name, options, views) => {
    const customer = await open();
    await enter(customer, "/cabinet", demo.customer);
    await customer.page.locator(".account").waitFor();
    await customer.page.goto("/cabinet/invoices");
    const link = customer.page.locator(".acts a[href^='/pay/']").first();
    const path = (await link.getAttribute("href"))?.replace("/invoice.pdf", "") ?? "";
    const stranger = await open(options, views[0]);
    await stranger.page.goto(path);
    expect(await stranger.page.locator("script").count()).toBe(0);
    await looks(stranger, `pay-${name}`, views);
  });
});
