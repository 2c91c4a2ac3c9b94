// A person at a real browser: Debian's Chromium, driven by Playwright. What no screen may do is
// noted here for all of them: say something on the console, fail by itself, or ask another origin.
import { mkdirSync } from "node:fs";
import { env } from "node:process";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, expect } from "vitest";

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

export interface Window {
  page: Page;
  /** What went wrong behind the screens so far; empty, or the walk fails. */
  wrong: string[];
}

/** A window of its own, with nothing remembered: 1440 × 900, Russian, light, unless told otherwise. */
export async function open(options: BrowserContextOptions = {}): Promise<Window> {
  const context = await (await browser()).newContext({
    baseURL: origin,
    locale: "ru-RU",
    timezoneId: "Europe/Moscow",
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  // A machine that tests other things beside this one is slow at times.
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(`fails: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(`says: ${message.text()} (${message.location().url})`);
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== origin) wrong.push(`asks ${url.origin}`);
  });
  return { page, wrong };
}

/** Looks at what is shown as people with worse eyes, or none, do (WCAG 2.2 AA), and keeps a picture. */
export async function look({ page, wrong }: Window, name: string): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: tags });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
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
