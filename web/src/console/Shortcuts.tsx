// Keys that work on every screen. Letters are told by their place on the keyboard, so that they work
// with Russian letters on; none of them acts while somebody types.
import { useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { GOING_MS, singleKeys } from "../ui/useShortcuts";

const Palette = lazy(() => import("./palette/Palette"));
const Keys = lazy(() => import("./palette/Keys"));

/** What follows `g`, by the place of the key. */
export const PLACES: Record<string, { key: string; href: string }> = {
  KeyH: { key: "h", href: "/" },
  KeyC: { key: "c", href: "/clients" },
  KeyS: { key: "s", href: "/services" },
  KeyD: { key: "d", href: "/tasks" },
  KeyN: { key: "n", href: "/notes" },
  KeyO: { key: "o", href: "/orders" },
  KeyQ: { key: "q", href: "/quotes" },
  KeyI: { key: "i", href: "/invoices" },
  KeyT: { key: "t", href: "/tickets" },
  KeyR: { key: "r", href: "/reconciliation" },
  KeyB: { key: "b", href: "/billing" },
};
let show: (what: Shown) => void = () => undefined;
type Shown = "palette" | "keys" | undefined;
export const openPalette = () => show("palette");

const types = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function Shortcuts() {
  const router = useRouter();
  const [shown, setShown] = useState<Shown>();
  const going = useRef(0);
  show = setShown;
  useEffect(() => {
    const go = (href: string) => router.history.push(`${router.basepath.replace(/\/$/, "")}${href}`);
    const single = (event: KeyboardEvent) => {
      const place = PLACES[event.code];
      if (Date.now() < going.current && place) go(place.href);
      else if (event.key === "?") setShown("keys");
      else if (event.key === "/" && !event.defaultPrevented) document.querySelector<HTMLElement>("main input[type=search]")?.focus();
      else {
        going.current = event.code === "KeyG" ? Date.now() + GOING_MS : 0;
        return;
      }
      going.current = 0;
      event.preventDefault();
    };
    const press = (event: KeyboardEvent) => {
      if (event.code === "KeyK" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        setShown("palette");
      } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !types(event.target) && singleKeys.on()) {
        single(event);
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [router]);
  const close = () => setShown(undefined);
  return (
    <Suspense>
      {shown === "palette" && <Palette close={close} />}
      {shown === "keys" && <Keys close={close} />}
    </Suspense>
  );
}
