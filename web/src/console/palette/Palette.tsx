// Everything by whatever is known of it: clients, invoices, tickets and places, in one field.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Modal, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useRouter } from "@tanstack/react-router";
import { useState, type KeyboardEvent } from "react";
import { Clients } from "../../gen/raschet/clients/v1/clients_pb";
import { Invoices } from "../../gen/raschet/invoicing/v1/invoices_pb";
import { Tickets } from "../../gen/raschet/tickets/v1/tickets_pb";
import { useTexts } from "../../shared/dictionary";
import { amount } from "../../shared/money";
import { titleOf } from "../../ui/ClientLink";
import { PLACES } from "../Shortcuts";
import { useViewTexts } from "../views/texts";
import { useViews } from "../views/Views";
import classes from "./Palette.module.css";
import { usePaletteTexts } from "./texts";

/** What is made from anywhere, without keys of its own (A9). */
const QUICK = [{ key: "", href: "/quotes/new" }];
const PAUSE_MS = 150;
const EACH = 5;

interface Found {
  key: string;
  group: string;
  title: string;
  note: string;
  href: string;
}

const id = (name: string) => name.slice(name.indexOf("/") + 1);

function useFound(typed: string): Found[] {
  const own = usePaletteTexts();
  const kept = useViewTexts();
  const { language } = useTexts();
  const [query] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const options = { enabled: query.length > 1, placeholderData: keepPreviousData };
  const clients = useQuery(Clients.method.listClients, { query, pageSize: EACH }, options);
  const number = query.replace(/^[#№\s]+/, "");
  const invoices = useQuery(Invoices.method.listInvoices, { number, pageSize: EACH }, { ...options, enabled: /\d/.test(number) });
  const tickets = useQuery(Tickets.method.listTickets, { query, pageSize: EACH }, options);
  const places = [...Object.values(PLACES), ...QUICK]
    .map(({ href, key }) => ({ key: href, group: own.pages, title: own.places[href] ?? href, note: key && `g ${key}`, href }))
    .filter((place) => !typed || place.title.toLowerCase().includes(typed.trim().toLowerCase()));
  const views = (useViews() ?? [])
    .filter((view) => !typed || view.title.toLowerCase().includes(typed.trim().toLowerCase()))
    .map((view) => ({ key: view.name, group: kept.views, title: view.title, note: "", href: view.place }));
  if (query.length < 2) return [...views, ...places];
  return [
    ...(clients.data?.clients ?? []).map((one) => ({
      key: one.name, group: own.clients, title: titleOf(one), note: `№ ${one.number} · ${one.email}`, href: `/clients/${id(one.name)}`,
    })),
    ...(/\d/.test(number) ? invoices.data?.invoices ?? [] : []).map((one) => ({
      key: one.name, group: own.invoices, title: `№ ${one.number} · ${one.payerTitle}`, note: amount(one.total, language), href: `/invoices/${id(one.name)}`,
    })),
    ...(tickets.data?.tickets ?? []).map((one) => ({
      key: one.name, group: own.tickets, title: `#${one.number} ${one.subject}`, note: one.requester, href: `/tickets/${id(one.name)}`,
    })),
    ...views,
    ...places,
  ];
}

export default function Palette({ close }: { close: () => void }) {
  const texts = useTexts();
  const own = usePaletteTexts();
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = useFound(typed);
  const current = Math.min(chosen, Math.max(0, found.length - 1));
  const open = (one: Found | undefined) => {
    if (!one) return;
    close();
    router.history.push(`${router.basepath.replace(/\/$/, "")}${one.href}`);
  };
  const press = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) setChosen(Math.max(0, Math.min(found.length - 1, current + step)));
    else if (event.key === "Enter") open(found[current]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={close} title={own.title} size="lg" yOffset="8vh" closeButtonProps={{ "aria-label": texts.close }}>
      <TextInput data-autofocus aria-label={own.placeholder} placeholder={own.placeholder} value={typed} onKeyDown={press}
        role="combobox" aria-expanded aria-controls="palette" aria-autocomplete="list"
        aria-activedescendant={found.length ? `palette-${current}` : undefined}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }} />
      <ul id="palette" role="listbox" aria-label={own.title} className={classes.list}>
        {found.map((one, index) => (
          <li key={one.key} id={`palette-${index}`} role="option" aria-selected={index === current} className={classes.option}
            ref={index === current ? (row) => row?.scrollIntoView({ block: "nearest" }) : undefined}
            onMouseMove={() => setChosen(index)} onClick={() => open(one)}>
            <span className={classes.group}>{found[index - 1]?.group === one.group ? "" : one.group}</span>
            <span className={classes.title}>{one.title}</span>
            <span className={classes.note}>{one.note}</span>
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed" role="status">{found.length === 0 ? own.nothing : typed ? own.up : own.hint}</Text>
    </Modal>
  );
}
