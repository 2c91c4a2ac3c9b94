// One client: who it is, what stands on the books, and all that concerns it (A89–A105).
import { useQuery } from "@connectrpc/connect-query";
import { Badge, Group, SimpleGrid, Stack, Tabs, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { ClientCards, type ClientCard } from "../../gen/raschet/gateway/v1/client_cards_pb";
import { Client_Stage } from "../../gen/raschet/clients/v1/clients_pb";
import { useTexts } from "../../shared/dictionary";
import { dayOf } from "../../shared/dates";
import { Failure, Loading } from "../../ui/DataTable";
import { Books } from "./Books";
import { ClientActs } from "./ClientActs";
import { ClientInvoices } from "./ClientInvoices";
import { ClientQuotes } from "./ClientQuotes";
import { ClientTickets } from "./ClientTickets";
import { ClientTasks } from "./ClientTasks";
import { Flags } from "./Flags";
import { Notes, Pinned } from "./Notes";
import { Profile } from "./Profile";
import { TABS, type Tab } from "./routes";
import { Services } from "./Services";
import { useClientTexts } from "./texts";

const route = getRouteApi("/shell/clients/$id");

export function ClientPage() {
  const client = `clients/${route.useParams().id}`;
  const found = useQuery(ClientCards.method.getClientCard, { client });
  if (found.error) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return (
    <Stack>
      <Head card={found.data} />
      <Books card={found.data} />
      <Pinned card={found.data} />
      <Parts card={found.data} />
    </Stack>
  );
}

function Head({ card: { client, managerName, taxExemptions } }: { card: ClientCard }) {
  const texts = useTexts();
  const own = useClientTexts();
  if (!client) return null;
  const person = `${client.givenName} ${client.familyName}`.trim();
  const since = dayOf(client.createTime, texts.language);
  return (
    <div>
      <Group gap="xs" align="baseline">
        <Title order={1} size="h2">{client.company || person}</Title>
        <Badge color={client.stage === Client_Stage.CLOSED ? "gray" : "blue"} c="var(--mantine-color-text)">
          {own.stages[client.stage]}
        </Badge>
      </Group>
      <Text c="dimmed" size="sm">
        № {String(client.number)} · {own.kinds[client.kind]} · {own.since} {since} · {own.manager}: {managerName || own.noManager.toLowerCase()}
      </Text>
      <Text size="sm">
        {person} · <a href={`mailto:${client.email}`}>{client.email}</a>
        {client.phone && <> · <a href={`tel:${client.phone}`}>{client.phone}</a></>}
      </Text>
      <Flags client={client} exemptions={taxExemptions} />
    </div>
  );
}

/** How much is behind a tab, before it is opened. */
function counts(card: ClientCard): Partial<Record<Tab, number>> {
  const add = (parts: bigint[]) => Number(parts.reduce((sum, part) => sum + part, 0n));
  return {
    services: add((card.overview?.services ?? []).map((sum) => sum.active)),
    invoices: add((card.overview?.invoices ?? []).map((sum) => sum.count)),
    quotes: Number(card.overview?.quotes ?? 0n),
    tickets: card.tickets?.open,
    notes: card.noteCount,
  };
}

function Parts({ card }: { card: ClientCard }) {
  const own = useClientTexts();
  const { tab = "services" } = route.useSearch();
  const navigate = route.useNavigate();
  const much = counts(card);
  const name = card.client?.name ?? "";
  return (
    <Tabs value={tab} keepMounted={false}
      onChange={(value) => void navigate({ search: { tab: TABS.find((one) => one === value) }, replace: true })}>
      <Tabs.List style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }}>
        {TABS.map((one) => (
          <Tabs.Tab key={one} value={one} style={{ flexShrink: 0 }}>
            {own.tabs[one]}
            {much[one] ? <Text span size="sm" c="dimmed"> {much[one]}</Text> : null}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="services" pt="md"><Services client={name} sums={card.overview?.services ?? []} usages={card.usages} /></Tabs.Panel>
      <Tabs.Panel value="invoices" pt="md"><ClientInvoices client={name} /></Tabs.Panel>
      <Tabs.Panel value="quotes" pt="md"><ClientQuotes client={name} overview={card.overview} /></Tabs.Panel>
      <Tabs.Panel value="acts" pt="md"><ClientActs client={name} /></Tabs.Panel>
      <Tabs.Panel value="tickets" pt="md"><ClientTickets client={name} /></Tabs.Panel>
      <Tabs.Panel value="notes" pt="md">
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <Notes card={card} />
          <div><ClientTasks client={name} /></div>
        </SimpleGrid>
      </Tabs.Panel>
      <Tabs.Panel value="profile" pt="md"><Profile card={card} /></Tabs.Panel>
    </Tabs>
  );
}
