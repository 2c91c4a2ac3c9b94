// Keys of a screen: registered while it is shown, listed by `?`, and never fired where somebody
// types. Letters are told by their place on the keyboard: J is J in a Russian layout too.
import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  /** `J`, `1`, `/`, `?`, `Enter`. */
  key: string;
  /** What it does, for the sheet. */
  text: string;
  run: () => void;
}

interface Group {
  title: string;
  shortcuts: Shortcut[];
}

const OFF = "single-keys-off";
const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]";
const OVER = "[role=dialog], [role=listbox], [role=menu]";
const PRESSES = "button, a, summary, [role=tab]";
/** How long the key after `g` belongs to it: it goes to a place. */
export const GOING_MS = 1200;

/** Whether keys without Ctrl work: a person may switch them off (WCAG 2.1.4). */
export const singleKeys = {
  on: () => localStorage.getItem(OFF) === null,
  set: (on: boolean) => (on ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")),
};

let groups: readonly Group[] = [];
let going = 0;
const watchers = new Set<() => void>();

function change(next: readonly Group[]) {
  if (groups.length === 0) document.addEventListener("keydown", press);
  groups = next;
  if (groups.length === 0) document.removeEventListener("keydown", press);
  watchers.forEach((tell) => tell());
}

const watch = (tell: () => void) => {
  watchers.add(tell);
  return () => void watchers.delete(tell);
};

/** What the keys do on the screen shown. */
export const useShortcutGroups = () => useSyncExternalStore(watch, () => groups);

/** The name of a key, by its place where it is a letter or a digit. */
export function keyOf(event: Pick<KeyboardEvent, "code" | "key" | "shiftKey">): string {
  const place = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code)?.[1];
  if (place && !event.shiftKey) return place;
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return "?";
  if (event.code === "Slash") return "/";
  return event.key;
}

/** Whether a key means what stands there rather than the screen. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (document.querySelector("[aria-modal=true]")) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING) || target.closest(OVER)) return true;
  return key === "Enter" && target.closest(PRESSES) !== null;
}

function press(event: KeyboardEvent) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = keyOf(event);
  if (!singleKeys.on() || isTaken(event.target, key)) return;
  const follows = Date.now() < going;
  going = key === "G" ? Date.now() + GOING_MS : 0;
  if (follows || going > 0) return;
  const all = [...groups].reverse().flatMap((group) => group.shortcuts);
  const shortcut = all.find((shortcut) => shortcut.key === key);
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run();
}

/** Has these keys work while the screen is shown. */
export function useShortcuts(title: string, shortcuts: Shortcut[]) {
  const own = useRef<Group>({ title, shortcuts });
  own.current.title = title;
  own.current.shortcuts = shortcuts;
  useEffect(() => {
    const group = own.current;
    change([...groups, group]);
    return () => change(groups.filter((one) => one !== group));
  }, []);
}

/** What keys do, by screen and act: the parts of a screen register their keys apart. */
export function sheet(groups: readonly Group[]): Map<string, Map<string, string[]>> {
  const sheet = new Map<string, Map<string, string[]>>();
  for (const group of [...groups].reverse()) {
    const acts = sheet.get(group.title) ?? new Map<string, string[]>();
    for (const { key, text } of group.shortcuts) acts.set(text, [...(acts.get(text) ?? []), key]);
    sheet.set(group.title, acts);
  }
  return sheet;
}
