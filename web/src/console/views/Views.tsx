// A list as its reader likes to look at it: kept under a title, and one press away from then on.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, CloseButton, Text, TextInput } from "@mantine/core";
import { useRouter, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { Views as Service, type View } from "../../gen/raschet/clients/v1/views_pb";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { Way } from "../../ui/Way";
import { useViewTexts } from "./texts";
import classes from "./Views.module.css";

const views = createClient(Service, transport);
/** Longest title. */
const TITLE = 60;
/** As many as one may have. */
const ALL = 50;

/** One's own; undefined until they are known, and for whoever may keep none, such as an auditor. */
export function useViews(): View[] | undefined {
  return useQuery(Service.method.listViews, { pageSize: ALL }, { staleTime: 60_000 }).data?.views;
}

/** Where the page is, below the console's own address, from its first page on. */
function usePlace(): string {
  const router = useRouter();
  // Told anew whenever the router goes somewhere.
  const href = useRouterState({ select: () => location.href });
  const { pathname, search } = new URL(href);
  const base = router.basepath.replace(/\/$/, "");
  const asked = new URLSearchParams(search);
  asked.delete("page");
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname;
  return asked.size ? `${path}?${asked.toString()}` : path;
}

export function Views() {
  const own = useViewTexts();
  const place = usePlace();
  const [asked, setAsked] = useState(false);
  const path = place.split("?")[0];
  const all = useViews();
  const here = all?.filter((view) => view.place.split("?")[0] === path) ?? [];
  const kept = here.some((view) => view.place === place);
  const keeps = all !== undefined && place.includes("?") && !kept;
  if (here.length === 0 && !keeps) return null;
  return (
    <nav className={classes.views} aria-label={own.views}>
      {here.map((view) => <Kept key={view.name} view={view} current={view.place === place} />)}
      {keeps && <Button size="compact-sm" variant="subtle" onClick={() => setAsked(true)}>☆ {own.keep}</Button>}
      {asked && <Keep place={place} close={() => setAsked(false)} />}
    </nav>
  );
}

function Kept({ view, current }: { view: View; current: boolean }) {
  const own = useViewTexts();
  const act = useAct((requestId) => views.deleteView({ name: view.name, requestId }));
  return (
    <span className={classes.view} data-current={current || undefined}>
      <Way href={view.place} className={classes.title}>{view.title}</Way>
      <CloseButton size="md" aria-label={own.forget(view.title)} disabled={act.busy} onClick={() => void act.run()} />
      {act.failure !== undefined && <Failure error={act.failure} />}
    </span>
  );
}

function Keep({ place, close }: { place: string; close: () => void }) {
  const own = useViewTexts();
  const [title, setTitle] = useState("");
  const act = useAct((requestId) => views.createView({ view: { title, place }, requestId }), close);
  return (
    <Confirm opened close={close} title={own.keepTitle} verb={own.keep} act={act} incomplete={!title.trim()}>
      <Text size="sm">{own.keepText}</Text>
      <TextInput label={own.title} required data-autofocus maxLength={TITLE} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
    </Confirm>
  );
}
