// The journal of letters in, each with what became of it, and the delivery log of letters out.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Anchor, Badge, Button, Group, SegmentedControl, Select, Stack, Text, Title } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import {
  InboundLetter_State, Letters, OutboundLetter_State, type InboundLetter, type OutboundLetter,
} from "../../gen/raschet/tickets/v1/letters_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { useNames } from "../../shared/useNames";
import { Confirm } from "../../ui/Confirm";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { useAct } from "../../ui/useAct";
import { useLetterTexts } from "./texts";

const route = getRouteApi("/shell/letters");
const letters = createClient(Letters, transport);

export function LetterList() {
  const texts = useTexts();
  const own = useLetterTexts();
  const { out, state } = route.useSearch();
  const navigate = route.useNavigate();
  const states = (out ? own.outStates : own.inStates).map((label, value) => ({ value: String(value), label: label || texts.all }));
  return (
    <Stack>
      <Title order={1} size="h2">{own.title}</Title>
      <Group>
        <SegmentedControl aria-label={own.way} value={out ? "out" : "in"}
          data={[{ value: "in", label: own.came }, { value: "out", label: own.went }]}
          onChange={(value) => void navigate({ search: { out: value === "out" || undefined } })} />
        <Select aria-label={texts.state} data={states} value={String(state ?? 0)} allowDeselect={false} w={170}
          onChange={(value) => void navigate({ search: { out, state: Number(value) || undefined } })} />
      </Group>
      {out ? <Went /> : <Came />}
    </Stack>
  );
}

const IN_COLOURS: Record<number, string> = {
  [InboundLetter_State.PROCESSED]: "teal",
  [InboundLetter_State.QUARANTINED]: "orange",
  [InboundLetter_State.FAILED]: "red",
};

function Came() {
  const texts = useTexts();
  const own = useLetterTexts();
  const { state, page } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery(Letters.method.listInboundLetters, { state: state ?? 0, pageToken: page ?? "" }, { placeholderData: keepPreviousData });
  const columns: Column<InboundLetter>[] = [
    { title: own.when, cell: (row) => <Text span size="sm">{moment(row.createTime, texts.language)}</Text> },
    { title: own.from, cell: (row) => <Text span size="sm" style={{ overflowWrap: "anywhere" }}>{row.from || "—"}</Text> },
    { title: own.subject, cell: (row) => row.subject || <Text span c="dimmed">{own.noSubject}</Text> },
    { title: own.result, cell: (row) => <Result letter={row} /> },
    { title: own.ticket, cell: (row) => <Act letter={row} /> },
  ];
  return (
    <>
      <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
      <DataTable label={own.came} columns={columns} rows={found.data?.letters} error={found.error} retry={() => void found.refetch()}
        id={(row) => row.name} reset={state ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { state, page } })} />
    </>
  );
}

function Result({ letter }: { letter: InboundLetter }) {
  const own = useLetterTexts();
  const said = letter.reason.startsWith("DUPLICATE_OF") ? own.duplicate : (own.reasons[letter.reason] ?? letter.reason);
  return (
    <>
      <Badge miw="max-content" color={IN_COLOURS[letter.state] ?? "gray"} c="var(--mantine-color-text)">{own.inStates[letter.state]}</Badge>
      {letter.reason && <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{said}</Text>}
    </>
  );
}

function Act({ letter }: { letter: InboundLetter }) {
  const own = useLetterTexts();
  const [asked, setAsked] = useState(false);
  const act = useAct((requestId) => letters.reprocessLetter({ name: letter.name, requestId }), () => setAsked(false));
  const id = letter.ticket.replace("tickets/", "");
  if (id) return <Anchor size="sm" renderRoot={(props) => <Link to="/tickets/$id" params={{ id }} aria-label={`${own.open}: ${letter.subject}`} {...props} />}>{own.open}</Anchor>;
  const stuck = letter.state === InboundLetter_State.QUARANTINED || letter.state === InboundLetter_State.FAILED;
  if (!stuck) return "—";
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsked(true)}>{own.again}</Button>
      <Confirm opened={asked} close={() => setAsked(false)} title={own.againTitle} verb={own.again} act={act}>
        <Text fw={600}>{letter.from}: {letter.subject}</Text>
        <Text size="sm">{own.againText}</Text>
      </Confirm>
    </>
  );
}

const OUT_COLOURS: Record<number, string> = {
  [OutboundLetter_State.QUEUED]: "blue",
  [OutboundLetter_State.SENT]: "teal",
  [OutboundLetter_State.FAILED]: "red",
  [OutboundLetter_State.BOUNCED]: "red",
};

function Went() {
  const texts = useTexts();
  const own = useLetterTexts();
  const { state, page } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery(Letters.method.listOutboundLetters, { state: state ?? 0, pageToken: page ?? "" }, { placeholderData: keepPreviousData });
  const names = useNames(found.data?.letters.map((letter) => letter.client) ?? []);
  const columns: Column<OutboundLetter>[] = [
    { title: own.when, cell: (row) => <Text span size="sm">{moment(row.sendTime ?? row.createTime, texts.language)}</Text> },
    { title: own.to, cell: (row) => <Text span size="sm" style={{ overflowWrap: "anywhere" }}>{row.recipients.join(", ")}</Text> },
    { title: own.subject, cell: (row) => <About letter={row} /> },
    { title: own.client, cell: (row) => names.client(row.client)?.title ?? "—" },
    { title: texts.state, cell: (row) => <Delivery letter={row} /> },
  ];
  return (
    <>
      <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
      <DataTable label={own.went} columns={columns} rows={found.data?.letters} error={found.error} retry={() => void found.refetch()}
        id={(row) => row.name} reset={state ? () => void navigate({ search: { out: true } }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { out: true, state, page } })} />
    </>
  );
}

function About({ letter }: { letter: OutboundLetter }) {
  const own = useLetterTexts();
  const id = letter.ticket.replace("tickets/", "");
  return (
    <>
      {id ? <Anchor inherit renderRoot={(props) => <Link to="/tickets/$id" params={{ id }} {...props} />}>{letter.subject}</Anchor> : letter.subject}
      <Text size="sm" c="dimmed">{own.templates[letter.template] ?? letter.template}</Text>
    </>
  );
}

function Delivery({ letter }: { letter: OutboundLetter }) {
  const own = useLetterTexts();
  const troubled = letter.state !== OutboundLetter_State.SENT || letter.attempts > 1;
  return (
    <>
      <Badge miw="max-content" color={OUT_COLOURS[letter.state] ?? "gray"} c="var(--mantine-color-text)">{own.outStates[letter.state]}</Badge>
      {troubled && <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{[own.tries(letter.attempts), letter.response].filter(Boolean).join(" · ")}</Text>}
    </>
  );
}
