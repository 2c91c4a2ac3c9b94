// The acts of all clients, newest first, or of one month.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Group, Stack, Text, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Billing } from "../../gen/raschet/invoicing/v1/billing_pb";
import { fromIso } from "../../shared/dates";
import { Pager } from "../../ui/Pager";
import { ActTable } from "./ActTable";
import { useBillingTexts } from "./texts";

const route = getRouteApi("/shell/billing");

export function Acts() {
  const own = useBillingTexts();
  const { month, page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { month: fromIso(month && `${month}-01`), pageToken: page ?? "" };
  const found = useQuery(Billing.method.listActs, request, { placeholderData: keepPreviousData });
  const turn = (page: string | undefined) => void navigate({ search: { view: "acts", month, page } });
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <TextInput type="month" label={own.actDate} value={month ?? ""}
          onChange={(event) => void navigate({ search: { view: "acts", month: event.currentTarget.value || undefined }, replace: true })} />
        <Text role="status" c="dimmed">{found.data && own.acts(found.data.totalSize)}</Text>
      </Group>
      <ActTable rows={found.data?.acts} error={found.error} retry={() => void found.refetch()}
        reset={month ? () => void navigate({ search: { view: "acts" } }) : undefined} />
      <Pager page={page} next={found.data?.nextPageToken} turn={turn} />
    </Stack>
  );
}
