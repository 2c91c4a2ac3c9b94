// A new quote: what it costs is shown while it is typed, counted by the services as an order is (A9).
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, Group, NativeSelect, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Contracts, type Contract } from "../../gen/raschet/invoicing/v1/contracts_pb";
import { Quotes, type Quote } from "../../gen/raschet/invoicing/v1/quotes_pb";
import { Sellers } from "../../gen/raschet/invoicing/v1/sellers_pb";
import { useNow } from "../../shared/caller";
import { iso, moscowDay, shifted } from "../../shared/dates";
import { reason, transport, violations } from "../../shared/transport";
import { ClientSelect } from "../../ui/ClientSelect";
import { Failure, Loading } from "../../ui/DataTable";
import { Panel } from "../../ui/Panel";
import { useAct } from "../../ui/useAct";
import { isComplete, newRow, quoteOf, typedLike, type Typed } from "./form";
import { LineFields } from "./LineFields";
import { Cost } from "./Cost";
import { useQuoteTexts } from "./texts";

const quotes = createClient(Quotes, transport);
const route = getRouteApi("/shell/quotes/new");
/** How long a new quote is good for, unless somebody types another day. */
const DAYS = 14;

export function NewQuote() {
  const own = useQuoteTexts();
  const { client, like } = route.useSearch();
  const navigate = route.useNavigate();
  const before = useQuery(Quotes.method.getQuote, { name: `quotes/${like}` }, { enabled: like !== undefined });
  const now = useNow();
  if (before.error) return <Failure error={before.error} retry={() => void before.refetch()} />;
  if (now === undefined || (like && !before.data)) return <Loading />;
  const name = client ? `clients/${client}` : null;
  return (
    <Stack maw={1100}>
      <Title order={1} size="h2">{own.add}</Title>
      <div style={{ maxWidth: 480 }}>
        <ClientSelect label={own.client} value={name}
          choose={(chosen) => void navigate({ search: { client: chosen?.replace("clients/", "") }, replace: true })} />
      </div>
      {name && <OfClient key={`${name} ${like}`} client={name} before={before.data} now={now} />}
    </Stack>
  );
}

interface OfClientProps {
  client: string;
  /** The quote that this one begins as. */
  before: Quote | undefined;
  now: number;
}

function OfClient({ client, before, now }: OfClientProps) {
  const own = useQuoteTexts();
  const found = useQuery(Contracts.method.listContracts, { client, pageSize: 1000 });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const { contracts } = found.data;
  const first = contracts[0];
  if (!first) return <Text>{own.noContracts}</Text>;
  return <Form client={client} contracts={contracts} first={first} before={before} now={now} />;
}

interface FormProps extends OfClientProps {
  contracts: Contract[];
  first: Contract;
}

function Form({ client, contracts, first, before, now }: FormProps) {
  const own = useQuoteTexts();
  const navigate = route.useNavigate();
  const until = iso(shifted(moscowDay(now), DAYS));
  const [typed, setTyped] = useState<Typed>(() =>
    before ? typedLike(before, until)
      : { contract: first.name, until, subject: "", note: "", duplicate: "", rows: [newRow(0)] });
  const set = (part: Partial<Typed>) => setTyped((was) => ({ ...was, ...part }));
  const act = useAct((requestId) => quotes.createQuote({ quote: quoteOf(client, typed), requestId }),
    (made) => void navigate({ to: "/quotes/$id", params: { id: made.name.replace("quotes/", "") }, search: {} }));
  const wrong = act.failure === undefined ? new Map<string, string>() : violations(act.failure);
  const contract = contracts.find((one) => one.name === typed.contract) ?? first;
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (!act.busy) void act.run(); }}>
      <Stack>
        <Head contracts={contracts} typed={typed} set={set} wrong={wrong} />
        <LineFields seller={contract.seller} today={iso(moscowDay(now))} rows={typed.rows} set={(rows) => set({ rows })} />
        <Panel title={own.sum}>
          <Cost client={client} typed={typed} duplicate={(duplicate) => set({ duplicate })} />
        </Panel>
        <Textarea label={own.note} description={own.noteHint} autosize minRows={2} maxLength={1000} value={typed.note}
          onChange={(event) => set({ note: event.currentTarget.value })} />
        {act.failure !== undefined && reason(act.failure) !== "DUPLICATE_FAMILY" && <Failure error={act.failure} />}
        <Group justify="end">
          <Text size="sm" c="dimmed">{own.saveHint}</Text>
          <Button type="submit" loading={act.busy} disabled={!isComplete(typed)}>{own.save}</Button>
        </Group>
      </Stack>
    </form>
  );
}

interface HeadProps {
  contracts: Contract[];
  typed: Typed;
  set: (part: Partial<Typed>) => void;
  wrong: Map<string, string>;
}

function Head({ contracts, typed, set, wrong }: HeadProps) {
  const own = useQuoteTexts();
  const sellers = useQuery(Sellers.method.listSellers, { pageSize: 1000 }, { staleTime: 5 * 60_000 });
  const seller = (name: string) => sellers.data?.sellers.find((one) => one.name === name)?.title ?? "…";
  const options = contracts.map((one) => ({ value: one.name, label: `№ ${one.number} · ${seller(one.seller)}` }));
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
      <NativeSelect label={own.contract} data={options} value={typed.contract}
        // Another seller has another catalogue.
        onChange={(event) => set({ contract: event.currentTarget.value, rows: [newRow(0)] })} />
      <TextInput label={own.subject} maxLength={200} value={typed.subject} error={wrong.get("subject")}
        onChange={(event) => set({ subject: event.currentTarget.value })} />
      <TextInput type="date" label={own.validUntil} required value={typed.until} error={wrong.get("valid_until")}
        onChange={(event) => set({ until: event.currentTarget.value })} />
    </SimpleGrid>
  );
}
