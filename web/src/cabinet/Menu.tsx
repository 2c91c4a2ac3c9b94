// Whom to act for, language, theme, and the way out.
import { Button, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { useEffect, useRef, useState, type RefObject } from "react";
import { Sessions } from "../gen/raschet/gateway/v1/sessions_pb";
import { language, useTexts } from "../shared/dictionary";
import { logOut } from "../shared/session";
import { transport } from "../shared/transport";
import { Failure } from "../ui/states";
import { href } from "./router";
import { useCabinetTexts } from "./texts";

const sessions = createClient(Sessions, transport);

export function Menu({ current }: { current: bigint | undefined }) {
  const texts = useTexts();
  const own = useCabinetTexts();
  const [opened, setOpened] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  useClosing(menu, opened);
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const other = language() === "ru" ? "en" : "ru";
  const speak = () => {
    localStorage.setItem("language", other);
    location.reload();
  };
  return (
    <details className="menu" ref={menu} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary aria-label={own.menu}>
        <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
          <path stroke="currentColor" strokeWidth="1.6" d="M2 4h12M2 8h12M2 12h12" />
        </svg>
      </summary>
      <div className="sheet">
        {opened && <Switcher current={current} />}
        <Button variant="default" fullWidth onClick={speak} lang={other}>
          {other === "en" ? "English" : "Русский"}
        </Button>
        <Button variant="default" fullWidth onClick={() => setColorScheme(dark ? "light" : "dark")}>{texts.theme}</Button>
        <Button variant="default" fullWidth onClick={() => void logOut("/cabinet/login")}>{texts.logout}</Button>
      </div>
    </details>
  );
}

/** A menu closes by Escape, which gives the focus back, and by whatever is done elsewhere. */
function useClosing(menu: RefObject<HTMLDetailsElement | null>, opened: boolean) {
  useEffect(() => {
    if (!opened) return undefined;
    const close = () => menu.current?.removeAttribute("open");
    const outside = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) close();
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      close();
      menu.current?.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      document.removeEventListener("keydown", escape);
    };
  }, [menu, opened]);
}

/** Clients that the person acts for, when there are several. The page is loaded anew: nothing of
 * the other client may stay on it. */
export function Switcher({ current }: { current?: bigint | undefined }) {
  const own = useCabinetTexts();
  const found = useQuery(Sessions.method.listClients, {});
  const [failure, setFailure] = useState<unknown>();
  const act = async (client: string) => {
    try {
      await sessions.switchClient({ client });
      location.assign(href("/"));
    } catch (error) {
      setFailure(error);
    }
  };
  const clients = found.data?.clients ?? [];
  if (clients.length < 2) return null;
  return (
    <div className="switcher" role="group" aria-label={own.switchTo}>
      <span className="dim">{own.switchTo}</span>
      {failure !== undefined && <Failure error={failure} />}
      {clients.map(({ client, number, title }) => (
        <Button key={client} variant="default" fullWidth justify="start" onClick={() => void act(client)}
          aria-current={number === current ? "true" : undefined}>
          {number === current && "✓ "}{title} · {String(number)}
        </Button>
      ))}
    </div>
  );
}
