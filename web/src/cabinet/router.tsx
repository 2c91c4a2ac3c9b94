// The address of the page is the state. A dozen places need no library: that would be a sixth of
// what the cabinet may weigh.
import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from "react";

const BASE = "/cabinet";

export interface Place {
  /** Below the cabinet: `/`, `/invoices`, `/invoices/0192…`. */
  path: string;
  /** Token of the page of a list; empty on the first. */
  page: string;
}

const listeners = new Set<() => void>();
window.addEventListener("popstate", () => listeners.forEach((tell) => tell()));

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Where the page is. */
export function usePlace(): Place {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const url = new URL(address, location.origin);
  const path = url.pathname.slice(BASE.length).replace(/\/$/, "") || "/";
  return { path, page: url.searchParams.get("page") ?? "" };
}

export const href = (to: string) => (to === "/" ? BASE : BASE + to);

/** Goes to a place: whoever listens to the page hears of it, as after a new page was loaded. */
export function go(to: string) {
  if (location.pathname + location.search === href(to)) return;
  history.pushState(null, "", href(to));
  listeners.forEach((tell) => tell());
  window.scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** Another page of the list at hand. */
export const turn = (path: string, page: string | undefined) =>
  go(page ? `${path}?page=${encodeURIComponent(page)}` : path);

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
}

/** A link inside the cabinet; with a key held, or another button, the browser does what it does. */
export function Go({ to, ...rest }: Props) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || event.defaultPrevented) return;
    event.preventDefault();
    go(to);
  };
  return <a {...rest} href={href(to)} onClick={follow} />;
}
