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

const OFF = "shortcuts-off";
const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]";
const OVER = "[role=dialog], [role=listbox], [role=menu]";
const PRESSES = "button, a, summary, [role=tab]";

let groups: readonly Group[] = [];
const watchers = new Set<() => void>();

function change(next: readonly Group[]) {
  groups = next;
  watchers.forEach((tell) => tell());
}

const watch = (tell: () => void) => {
  watchers.add(tell);
  return () => void watchers.delete(tell);
};

/** Whether a person has switched the keys off (WCAG 2.1.4). */
export const areOff = () => localStorage.getItem(OFF) === "yes";

export function switchShortcuts(on: boolean) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
  change([...groups]);
}

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

/** Has these keys work while the screen is shown. */
export function useShortcuts(title: string, shortcuts: Shortcut[]) {
  const own = useRef<Group>({ title, shortcuts });
  own.current.title = title;
  own.current.shortcuts = shortcuts;
  useEffect(() => {
    const group = own.current;
    change([...groups, group]);
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = keyOf(event);
      if (areOff() || isTaken(event.target, key)) return;
      const shortcut = group.shortcuts.find((shortcut) => shortcut.key === key);
      if (!shortcut) return;
      event.preventDefault();
      shortcut.run();
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
      change(groups.filter((one) => one !== group));
    };
  }, []);
}
