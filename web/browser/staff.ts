// Staff of the demo at the console: how they get in and about.
import type { BrowserContextOptions } from "playwright-core";
import { open, type View, type Window } from "./browser";
import { demo, enter, settled } from "./people";

/** A window in which the console stands, at its first page. */
export async function desk(options: BrowserContextOptions = {}, view?: View): Promise<Window> {
  const window = await open(options, view);
  await enter(window, "/console/login", demo.staff);
  // The door has a heading of its own: what stands around the screens says that one is in.
  await window.page.locator("header nav").waitFor();
  await settled(window);
  return window;
}

/** Goes to a place of the console, such as `/invoices?state=3`. */
export async function go(window: Window, place: string): Promise<void> {
  await window.page.goto(`/console${place}`);
  await settled(window);
}

/** What the console's router tells about itself on its page. */
interface Routed {
  __TSR_ROUTER__: {
    history: { location: { href: string }; push: (to: string) => void };
    state: { resolvedLocation?: { publicHref: string } };
  };
}

/** Goes on to a place of the console as its own links do, without loading it anew. */
export async function goOn(window: Window, place: string): Promise<void> {
  const { page } = window;
  await page.evaluate((to) => (globalThis as unknown as Routed).__TSR_ROUTER__.history.push(to), `/console${place}`);
  await page.waitForFunction(() => {
    const { history, state } = (globalThis as unknown as Routed).__TSR_ROUTER__;
    return state.resolvedLocation?.publicHref === history.location.href;
  });
  await settled(window);
}

/** A window at a place of the console. */
export async function at(place: string): Promise<Window> {
  const window = await desk();
  await go(window, place);
  return window;
}

/** A client with a service that can be changed: its address. Not everybody with an invoice has one. */
export async function serviced(window: Window): Promise<string> {
  const { page } = window;
  await go(window, "/invoices?state=3");
  const links = page.locator("main a[href*='/invoices/']");
  const invoices = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  for (const invoice of invoices) {
    await page.goto(invoice);
    await settled(window);
    await page.locator("main a[href*='/clients/']").first().click();
    await settled(window);
    if ((await page.getByRole("button", { name: /^(Изменить количество|Change the quantity)/ }).count()) > 0) {
      return new URL(page.url()).pathname.replace("/console", "");
    }
  }
  throw new Error("no invoice is of a client with a service that can be changed");
}
