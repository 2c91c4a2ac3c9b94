// Billing: the plan before the run, the run as it goes, the close of a month, and its acts.
import { Stack, Tabs, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Acts } from "./Acts";
import { Close } from "./Close";
import { VIEWS } from "./routes";
import { Run } from "./Run";
import { useBillingTexts } from "./texts";

const route = getRouteApi("/shell/billing");

export function BillingPage() {
  const own = useBillingTexts();
  const { view = "run" } = route.useSearch();
  const navigate = route.useNavigate();
  const turn = (value: string | null) => void navigate({ search: { view: VIEWS.find((one) => one === value) } });
  return (
    <Stack>
      <Title order={1} size="h2">{own.title}</Title>
      <Tabs value={view} onChange={turn} keepMounted={false}>
        <Tabs.List>{VIEWS.map((one) => <Tabs.Tab key={one} value={one}>{own.views[one]}</Tabs.Tab>)}</Tabs.List>
        <Tabs.Panel value="run" pt="md"><Run /></Tabs.Panel>
        <Tabs.Panel value="close" pt="md"><Close /></Tabs.Panel>
        <Tabs.Panel value="acts" pt="md"><Acts /></Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
