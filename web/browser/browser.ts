// A person at a real browser: Debian's Chromium, driven by Playwright. What no screen may do is
// noted here for all of them: say something on the console, fail by itself, or ask another origin.
import { mkdirSync } from "node:fs";
import { env } from "node:process";
import axe from "axe-core";
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  type Request,
} from "playwright-core";
import { afterAll, afterEach, expect } from "vitest";

/** Where the suite listens, such as `http://127.0.0.1:8080`. */
export const origin = env.RASCHET ?? "http://127.0.0.1:8080";
/** Where screenshots go; none are taken without it. */
const pictures = env.RASCHET_PICTURES;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let started: Promise<Browser> | undefined;
const browser = () =>
  (started ??= chromium.launch({ executablePath: env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS }));

afterAll(async () => (await started)?.close());

/** The windows of the walk that goes on: one that is left open works on, and takes time from others. */
const contexts: BrowserContext[] = [];
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});

export interface Window {
  page: Page;
  /** What went wrong behind the screens so far; empty, or the walk fails. */
  wrong: string[];
  /** What was asked for and is not answered yet. */
  asked: Set<Request>;
  view: View;
}

/** How somebody looks at a page: on which screen, and in which light. */
export type View = keyof typeof VIEWS;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const SMALL = { width: 360, height: 740 };
const VIEWS = {
  desk: { size: DESK, colorScheme: "light" },
  "desk-dark": { size: DESK, colorScheme: "dark" },
  phone: { size: PHONE, colorScheme: "light" },
  "phone-dark": { size: PHONE, colorScheme: "dark" },
  small: { size: SMALL, colorScheme: "light" },
  "small-dark": { size: SMALL, colorScheme: "dark" },
} as const;

/** A window of its own, with nothing remembered: Russian, light, on a desk, unless told otherwise. */
export async function open(options: BrowserContextOptions = {}, view: View = "desk"): Promise<Window> {
  const { size, colorScheme } = VIEWS[view];
  const context = await (await browser()).newContext({
    baseURL: origin,
    locale: "ru-RU",
    timezoneId: "Europe/Moscow",
    viewport: size,
    colorScheme,
    reducedMotion: "reduce",
    ...options,
  });
  contexts.push(context);
  // A machine that tests other things beside this one is slow at times.
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(`fails: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(`says: ${message.text()} (${message.location().url})`);
  });
  const asked = new Set<Request>();
  context.on("request", (request) => {
    asked.add(request);
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== origin) wrong.push(`asks ${url.origin}`);
  });
  context.on("requestfinished", (request) => asked.delete(request));
  context.on("requestfailed", (request) => asked.delete(request));
  return { page, wrong, asked, view };
}

/** Looks at what is shown as people with worse eyes, or none, do (WCAG 2.2 AA), and keeps a picture. */
export async function look({ page, wrong }: Window, name: string): Promise<void> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { run } = (globalThis as unknown as { axe: typeof axe }).axe;
    const { violations } = await run({ runOnly, resultTypes: ["violations"] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary}`));
  });
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  }
  expect(found, name).toEqual([]);
  expect(wrong, name).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide, `${name} is wider than its window`).toBeLessThanOrEqual(0);
}

/**
 * Looks at one page in several views without loading it again, first as it was loaded. It stays in
 * the last of them, in which the next page is loaded.
 */
export async function looks(window: Window, name: string, views: readonly View[]): Promise<void> {
  const first = views.filter((view) => view === window.view);
  for (const view of [...first, ...views.filter((one) => one !== window.view)]) {
    if (view !== window.view) await turn(window, view);
    await look(window, `${name}-${view}`);
  }
}

async function turn(window: Window, view: View): Promise<void> {
  const { page } = window;
  const { size, colorScheme } = VIEWS[view];
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme });
  window.view = view;
  // The console follows the light by itself.
  const follows = (scheme: string) => (document.documentElement.dataset.mantineColorScheme ?? scheme) === scheme;
  await page.waitForFunction(follows, colorScheme);
  // What is on its way from one colour or place to another is neither; and what inherits begins later.
  await page.evaluate(async () => {
    scrollTo(0, 0);
    const moves = (one: Animation) => one.effect?.getComputedTiming().endTime !== Infinity;
    for (let still = 0; still < 3; ) {
      await new Promise(requestAnimationFrame);
      still = document.getAnimations().some(moves) ? 0 : still + 1;
    }
  });
}
