// The acts of one client, newest first.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Billing } from "../../gen/raschet/invoicing/v1/billing_pb";
import { Pager } from "../../ui/Pager";
import { ActTable } from "../billing/ActTable";
import { useClientTexts } from "./texts";

const route = getRouteApi("/shell/clients/$id");

export function ClientActs({ client }: { client: string }) {
  const own = useClientTexts();
  const { page } = route.useSearch();
  const navigate = route.useNavigate();
  const request = { client, pageToken: page ?? "" };
  const found = useQuery(Billing.method.listActs, request, { placeholderData: keepPreviousData });
  if (found.data?.totalSize === 0) return <Text c="dimmed">{own.noActs}</Text>;
  return (
    <Stack>
      <ActTable rows={found.data?.acts} error={found.error} retry={() => void found.refetch()} />
      <Pager page={page} next={found.data?.nextPageToken}
        turn={(page) => void navigate({ search: { tab: "acts", page } })} />
    </Stack>
  );
}
