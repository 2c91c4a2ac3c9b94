// Clients by whatever is known of them; the address of the page says by what.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Anchor, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Clients, type Client } from "../../gen/raschet/clients/v1/clients_pb";
import { useTexts } from "../../shared/dictionary";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { Views } from "../views/Views";
import { useClientTexts } from "./texts";

const route = getRouteApi("/shell/clients");

export function ClientList() {
  const texts = useTexts();
  const own = useClientTexts();
  const { query, page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { query: query ?? "", pageToken: page ?? "" };
  const found = useQuery(Clients.method.listClients, request, { placeholderData: keepPreviousData });
  const columns: Column<Client>[] = [
    { title: texts.number, cell: (row) => String(row.number) },
    { title: own.company, cell: (row) => <Name client={row} /> },
    { title: own.person, cell: (row) => `${row.givenName} ${row.familyName}` },
    { title: texts.email, cell: (row) => row.email },
    { title: own.phone, cell: (row) => row.phone || "—" },
  ];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">{texts.clients}</Title>
        <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
      </Group>
      <TextInput type="search" aria-label={own.search} placeholder={own.search} maw={420} value={query ?? ""}
        onChange={(event) => void navigate({ search: { query: event.currentTarget.value || undefined }, replace: true })} />
      <Views />
      <DataTable label={texts.clients} columns={columns} rows={found.data?.clients} error={found.error}
        retry={() => void found.refetch()} id={(row) => row.name}
        reset={query ? () => void navigate({ search: {} }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { query, page } })} />
    </Stack>
  );
}

function Name({ client }: { client: Client }) {
  const id = client.name.replace("clients/", "");
  return (
    <Anchor inherit renderRoot={(props) => <Link to="/clients/$id" params={{ id }} search={{}} {...props} />}>
      {client.company || `${client.givenName} ${client.familyName}`}
    </Anchor>
  );
}
