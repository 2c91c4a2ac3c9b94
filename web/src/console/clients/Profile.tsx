// Who the client is on paper: the client, its people, its payers; all of it can be edited.
import { createClient } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, SimpleGrid, Stack } from "@mantine/core";
import { useState } from "react";
import { Client_Kind, Clients, type Client } from "../../gen/raschet/clients/v1/clients_pb";
import { Staff } from "../../gen/raschet/clients/v1/staff_pb";
import type { ClientCard } from "../../gen/raschet/gateway/v1/client_cards_pb";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { Facts } from "../../ui/Facts";
import { Panel } from "../../ui/Panel";
import { RecordForm, type Field } from "../../ui/RecordForm";
import { Entities } from "./Entities";
import { People } from "./People";
import { useClientTexts } from "./texts";

const clients = createClient(Clients, transport);

export function Profile({ card }: { card: ClientCard }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Stack>
        {card.client && <Main client={card.client} manager={card.managerName} />}
        <People client={card.client?.name ?? ""} people={card.contacts} />
      </Stack>
      <Entities client={card.client?.name ?? ""} entities={card.legalEntities} />
    </SimpleGrid>
  );
}

function Main({ client, manager }: { client: Client; manager: string }) {
  const texts = useTexts();
  const own = useClientTexts();
  const [edited, setEdited] = useState(false);
  const languages: Record<string, string> = own.languages;
  return (
    <Panel title={own.client} actions={<Button size="compact-sm" variant="default" onClick={() => setEdited(true)}>{texts.edit}</Button>}>
      <Facts facts={[
        [own.kind, own.kinds[client.kind]],
        [own.companyName, client.company],
        [own.given, client.givenName],
        [own.family, client.familyName],
        [own.email, client.email],
        [own.phone, client.phone],
        [own.language, languages[client.language || "ru"] ?? client.language],
        [own.zone, client.zone || "Europe/Moscow"],
        [own.manager, manager || own.noManager],
      ]} />
      {edited && <Edit client={client} close={() => setEdited(false)} />}
    </Panel>
  );
}

function Edit({ client, close }: { client: Client; close: () => void }) {
  const texts = useTexts();
  const own = useClientTexts();
  const kinds = own.kinds.map((label, value) => ({ value: String(value), label })).slice(1);
  const staff = useQuery(Staff.method.listStaff, { pageSize: 1000 });
  const colleagues = (staff.data?.staff ?? []).filter((member) => !member.disabled || member.name === client.manager);
  const languages = Object.entries(own.languages).map(([value, label]) => ({ value, label }));
  const fields: Field[] = [
    { name: "company", label: own.companyName, wide: true },
    { name: "given_name", label: own.given, required: true },
    { name: "family_name", label: own.family, required: true },
    { name: "email", label: own.email, type: "email", required: true },
    { name: "phone", label: own.phone, type: "tel", hint: own.phoneHint },
    { name: "kind", label: own.kind, options: kinds },
    { name: "language", label: own.language, options: languages },
    {
      name: "manager",
      label: own.manager,
      options: [{ value: "", label: own.noManager }, ...colleagues.map((member) => ({ value: member.name, label: member.displayName }))],
    },
    { name: "zone", label: own.zone, hint: "Europe/Moscow, Asia/Yekaterinburg…" },
  ];
  const initial = {
    company: client.company,
    given_name: client.givenName,
    family_name: client.familyName,
    email: client.email,
    phone: client.phone,
    kind: String(client.kind || Client_Kind.COMPANY),
    language: client.language || "ru",
    zone: client.zone || "Europe/Moscow",
    manager: client.manager,
  };
  return (
    <RecordForm title={own.editClient} verb={texts.save} fields={fields} initial={initial} close={close}
      save={(values, paths, requestId) => clients.updateClient({
        client: {
          name: client.name,
          etag: client.etag,
          company: values.company,
          givenName: values.given_name,
          familyName: values.family_name,
          email: values.email,
          phone: values.phone,
          kind: Number(values.kind),
          language: values.language,
          zone: values.zone,
          manager: values.manager,
        },
        updateMask: { paths },
        requestId,
      })} />
  );
}
