// The calendar, what staff are to do, and what was agreed on: an event is planned and called off, a
// thing is done and comes back, a service is protected from suspension, a client too.
import { describe, expect, test } from "vitest";
import { ru as clients } from "../src/console/clients/texts";
import { ru as notepad } from "../src/console/notepad/texts";
import { ru as plans } from "../src/console/plans/texts";
import { ru as services } from "../src/console/services/texts";
import { look, type Window } from "./browser";
import { settled } from "./people";
import { desk, go } from "./staff";

/** Walks may be taken again in the same demo: what they write bears a number of its own. */
const run = Date.now() % 100_000;

/** The dashboard of another month, whose days are all in the future. */
async function nextMonth({ page }: Window): Promise<void> {
  await page.getByRole("button", { name: plans.later }).click();
  await page.locator("button[data-day$='-11']").click();
}

describe("plans", () => {
  test("an event is planned, moved and called off", { timeout: 90_000 }, async () => {
    const window = await desk();
    const { page } = window;
    await nextMonth(window);
    await page.getByRole("button", { name: `+ ${plans.addEvent}` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(plans.eventTitle).fill(`Приёмка стоек ${run}`);
    await dialog.getByLabel(plans.time).fill("14:30");
    await dialog.getByRole("checkbox").first().check();
    await dialog.getByRole("button", { name: "Добавить" }).click();
    const event = page.getByRole("button", { name: new RegExp(`Приёмка стоек ${run}`) });
    await event.getByText("14:30").waitFor();
    await page.getByRole("button", { name: /^11 .*событи/ }).waitFor();
    await event.click();
    await dialog.getByLabel(plans.time).fill("");
    await dialog.getByRole("button", { name: "Сохранить" }).click();
    await event.getByText(plans.allDay).waitFor();
    await look(window, "plans-agenda");
    await event.click();
    await dialog.getByRole("button", { name: plans.remove }).click();
    await event.waitFor({ state: "detached" });
    await page.getByRole("button", { name: plans.undo }).click();
    await event.waitFor();
    await event.click();
    await dialog.getByRole("button", { name: plans.remove }).click();
    await event.waitFor({ state: "detached" });
  });

  test("a thing is written on its day, ticked off, and taken back", { timeout: 90_000 }, async () => {
    const window = await desk();
    const { page } = window;
    await nextMonth(window);
    await page.getByRole("button", { name: `+ ${plans.addTask}` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(plans.text).fill(`Проверить счётчики ${run}`);
    await dialog.getByRole("button", { name: "Добавить" }).click();
    const box = page.getByRole("checkbox", { name: plans.tick(`Проверить счётчики ${run}`) });
    await box.first().click();
    await page.getByText(plans.ticked(`Проверить счётчики ${run}`)).first().waitFor();
    await look(window, "plans-ticked");
    await page.getByRole("button", { name: plans.undo }).first().click();
    await expect.poll(() => box.first().isChecked()).toBe(false);
    // One line and Enter is enough, from the list of one's own.
    await page.getByLabel(plans.newTask).fill(`Полить фикус ${run}`);
    await page.keyboard.press("Enter");
    await page.getByText(`Полить фикус ${run}`).waitFor();
    await page.goto("/console/tasks");
    await page.getByText(`Полить фикус ${run}`).waitFor();
  });

  test("one's own notes are kept by themselves", async () => {
    const window = await desk();
    const { page } = window;
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    const notes = page.getByLabel(notepad.label);
    await notes.fill(`Спросить про фильтр ${run}\nи про воду`);
    await page.getByText(notepad.unsaved).waitFor();
    await page.getByText(/^✓ сохранено/).waitFor();
    await look(window, "plans-notes");
    await page.reload();
    await settled(window);
    expect(await notes.inputValue()).toBe(`Спросить про фильтр ${run}\nи про воду`);
  });

  test("days are walked by arrows", async () => {
    const { page } = await desk();
    await page.getByRole("button", { name: plans.later }).click();
    await page.locator("button[data-day$='-11']").click();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).searchParams.get("day")).toMatch(/-17$/);
  });

  test("what was agreed on is asked about before a service is suspended", { timeout: 90_000 }, async () => {
    const window = await desk();
    const { page } = window;
    await go(window, "/services?state=2");
    await page.locator("main td a[href*='/clients/']").first().click();
    await settled(window);
    const dialog = page.getByRole("dialog");
    const dayOff = page.getByRole("button", { name: new RegExp(`^${services.protect}:`) }).first();
    await dayOff.click();
    await dialog.getByLabel(services.protectUntil).fill("2031-08-10");
    await look(window, "plans-protect");
    await dialog.getByRole("button", { name: services.protectVerb }).click();
    await page.getByText(clients.protectedUntil("10.08.2031")).first().waitFor();
    const suspend = page.getByRole("button", { name: new RegExp(`^${services.suspend}:`) }).first();
    await suspend.click();
    await dialog.getByText(services.unwanted("10.08.2031")).waitFor();
    await dialog.getByLabel(services.reason).fill("Проверка");
    expect(await dialog.getByRole("button", { name: services.suspend }).isEnabled()).toBe(false);
    await look(window, "plans-unwanted");
    await page.keyboard.press("Escape");
    await dayOff.click();
    await dialog.getByLabel(services.protectUntil).fill("");
    await dialog.getByRole("button", { name: services.protectOff }).click();
    await page.getByText(clients.protectedUntil("10.08.2031")).first().waitFor({ state: "detached" });

    // The client's own word is told by the service, when somebody tries.
    const flag = page.getByRole("switch", { name: clients.neverSuspend });
    await flag.click();
    await expect.poll(() => flag.isChecked()).toBe(true);
    await settled(window);
    await look(window, "plans-never");
    await suspend.click();
    await dialog.getByLabel(services.reason).fill("Проверка");
    const tried = window.wrong.length;
    await dialog.getByRole("button", { name: services.suspend }).click();
    await dialog.getByLabel(services.anyway).check();
    expect(window.wrong.length, "a refusal is no error of the page").toBe(tried);
    await dialog.getByRole("button", { name: services.suspend }).click();
    const resume = page.getByRole("button", { name: new RegExp(`^${services.resume}:`) }).first();
    await resume.click();
    await dialog.getByRole("button", { name: services.resume }).click();
    await suspend.waitFor();
    await flag.click();
    await expect.poll(() => flag.isChecked()).toBe(false);
  });
});
