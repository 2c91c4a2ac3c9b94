// What a client has written about, the most urgent first.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Tickets, type Ticket } from "../../gen/raschet/tickets/v1/tickets_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { DataTable, type Column } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { Way } from "../../ui/Way";
import { useClientTexts } from "./texts";

const route = getRouteApi("/shell/clients/$id");

export function ClientTickets({ client }: { client: string }) {
  const texts = useTexts();
  const own = useClientTexts();
  const { page } = route.useSearch();
  const navigate = route.useNavigate();
  const found = useQuery(Tickets.method.listTickets, { client, pageToken: page ?? "" }, { placeholderData: keepPreviousData });
  const columns: Column<Ticket>[] = [
    { title: texts.number, cell: (row) => `#${row.number}` },
    { title: own.subject, cell: (row) => <Way href={`/tickets/${row.name.replace("tickets/", "")}`}>{row.subject}</Way> },
    { title: texts.state, cell: (row) => own.ticketStates[row.state] },
    {
      title: own.dueBy,
      cell: (row) => row.dueTime
        ? <Text span size="sm" c={row.breached ? "red" : undefined}>{moment(row.dueTime, texts.language)}{row.breached && ` · ${own.late}`}</Text>
        : "—",
    },
    { title: own.changedAt, cell: (row) => moment(row.updateTime, texts.language) },
  ];
  if (found.data?.totalSize === 0) return <Text c="dimmed">{own.noTickets}</Text>;
  return (
    <Stack>
      <DataTable label={own.tabs.tickets} columns={columns} rows={found.data?.tickets} error={found.error}
        retry={() => void found.refetch()} id={(row) => row.name} />
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: { tab: "tickets", page } })} />
    </Stack>
  );
}
