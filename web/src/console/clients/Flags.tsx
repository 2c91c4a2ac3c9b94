// What staff agreed on about a client, in one row; a click turns it over (A57, A93).
import { createClient } from "@connectrpc/connect";
import { Group, Switch } from "@mantine/core";
import { Clients, type Client } from "../../gen/raschet/clients/v1/clients_pb";
import { transport } from "../../shared/transport";
import { Failure } from "../../ui/DataTable";
import { useAct } from "../../ui/useAct";
import { useClientTexts } from "./texts";

const clients = createClient(Clients, transport);

export function Flags({ client: { name, etag, neverSuspend } }: { client: Client }) {
  const own = useClientTexts();
  const act = useAct((requestId) =>
    clients.updateClient({ client: { name, etag, neverSuspend: !neverSuspend }, updateMask: { paths: ["never_suspend"] }, requestId }));
  return (
    <Group gap="lg" mt={6} component="section" aria-label={own.flags}>
      <Switch label={own.neverSuspend} description={neverSuspend ? own.neverSuspendOn : undefined} checked={neverSuspend}
        disabled={act.busy} onChange={() => void act.run()} />
      {act.failure !== undefined && <Failure error={act.failure} />}
    </Group>
  );
}
