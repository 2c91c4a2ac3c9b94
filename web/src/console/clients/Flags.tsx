// What staff agreed on about a client, in one row; a click turns it over (A47, A48, A57, A93).
import { createClient } from "@connectrpc/connect";
import { Group, Switch } from "@mantine/core";
import { Clients, type Client } from "../../gen/raschet/clients/v1/clients_pb";
import type { TaxExemption } from "../../gen/raschet/invoicing/v1/tax_exemptions_pb";
import { transport } from "../../shared/transport";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { TaxFlag } from "./TaxFlag";
import { useClientTexts } from "./texts";

const clients = createClient(Clients, transport);

export function Flags({ client, exemptions }: { client: Client; exemptions: TaxExemption[] }) {
  const own = useClientTexts();
  const { neverSuspend, noOverdueNotices, noLateFees } = client;
  return (
    <Group gap="xl" mt={6} align="flex-start" style={{ rowGap: 8 }} component="section" aria-label={own.flags}>
      <Flag client={client} path="never_suspend" turned={{ neverSuspend: !neverSuspend }}
        label={own.neverSuspend} on={neverSuspend} note={neverSuspend && own.neverSuspendOn} />
      <Flag client={client} path="no_overdue_notices" turned={{ noOverdueNotices: !noOverdueNotices }}
        label={own.overdueNotices} on={!noOverdueNotices} note={noOverdueNotices && own.overdueNoticesOff} />
      <Flag client={client} path="no_late_fees" turned={{ noLateFees: !noLateFees }}
        label={own.lateFees} on={!noLateFees} note={noLateFees && own.lateFeesOff} />
      <TaxFlag client={client.name} all={exemptions} />
    </Group>
  );
}

interface FlagProps {
  client: Client;
  /** The field, as masks name it. */
  path: string;
  /** What a click makes of it. */
  turned: Partial<Pick<Client, "neverSuspend" | "noOverdueNotices" | "noLateFees">>;
  label: string;
  on: boolean;
  /** What follows from it, where it is not what everybody has. */
  note: string | false;
}

function Flag({ client: { name, etag }, path, turned, label, on, note }: FlagProps) {
  const act = useAct((requestId) =>
    clients.updateClient({ client: { name, etag, ...turned }, updateMask: { paths: [path] }, requestId }));
  return (
    <div>
      <Switch label={label} description={note || undefined} checked={on} disabled={act.busy} onChange={() => void act.run()} />
      {act.failure !== undefined && <Failure error={act.failure} />}
    </div>
  );
}
