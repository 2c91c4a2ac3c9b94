// Who pays for a client: requisites as documents print them, and those that held before (A53, A54).
import { createClient } from "@connectrpc/connect";
import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { LegalEntities, type LegalEntity } from "../../gen/raschet/clients/v1/legal_entities_pb";
import { moment } from "../../shared/dates";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { Facts } from "../../ui/Facts";
import { Panel } from "../../ui/Panel";
import { RecordForm, type Field } from "../../ui/RecordForm";
import { useClientTexts } from "./texts";

const entities = createClient(LegalEntities, transport);

export function Entities({ client, entities }: { client: string; entities: LegalEntity[] }) {
  const texts = useTexts();
  const own = useClientTexts();
  const [open, setOpen] = useState<LegalEntity | "new">();
  return (
    <Stack>
      <Panel title={own.entities} note={entities.length || undefined}
        actions={
          <Button size="compact-sm" variant="default" onClick={() => setOpen("new")} aria-label={own.addEntity}>
            {texts.add}
          </Button>
        }>
        <Stack gap="lg">{entities.map((one) => <Entity key={one.name} entity={one} edit={() => setOpen(one)} />)}</Stack>
      </Panel>
      {open && <Edit client={client} entity={open === "new" ? undefined : open} close={() => setOpen(undefined)} />}
    </Stack>
  );
}

function Entity({ entity, edit }: { entity: LegalEntity; edit: () => void }) {
  const texts = useTexts();
  const own = useClientTexts();
  return (
    <div>
      <Text fw={600} size="sm">{entity.title}</Text>
      <Facts facts={[
        [own.taxId, entity.taxId],
        [own.kpp, entity.kpp],
        [own.ogrn, entity.ogrn],
        [own.address, entity.address],
        ...entity.accounts.map((one, index): [string, string] => [
          index ? `${own.account} ${index + 1}` : own.account,
          [one.account, one.bank, one.bic].filter(Boolean).join(" · "),
        ]),
      ]} />
      <Before entity={entity} />
      <Button mt={4} ml={-8} size="compact-sm" variant="subtle" onClick={edit} aria-label={`${texts.edit}: ${entity.title}`}>
        {texts.edit}
      </Button>
    </div>
  );
}

function Before({ entity }: { entity: LegalEntity }) {
  const { language } = useTexts();
  const own = useClientTexts();
  const { title, kpp, ogrn, address, country, taxId } = own;
  const names: Record<string, string> = { title, kpp, ogrn, address, country, tax_id: taxId };
  if (entity.previous.length === 0) return null;
  return (
    <details>
      <Text component="summary" size="sm" c="dimmed">{own.before}</Text>
      {entity.previous.map((old, index) => (
        <Text key={index} size="sm">
          {names[old.field] ?? old.field}: {old.value}{" "}
          <Text span size="xs" c="dimmed">{own.until} {moment(old.replaceTime, language)}</Text>
        </Text>
      ))}
    </details>
  );
}

function Edit({ client, entity, close }: { client: string; entity: LegalEntity | undefined; close: () => void }) {
  const texts = useTexts();
  const own = useClientTexts();
  const fields: Field[] = [
    { name: "title", label: own.title, required: true, wide: true },
    { name: "tax_id", label: own.taxId },
    { name: "kpp", label: own.kpp },
    { name: "ogrn", label: own.ogrn },
    { name: "country", label: own.country },
    { name: "address", label: own.address, wide: true },
  ];
  const initial = {
    title: entity?.title ?? "",
    tax_id: entity?.taxId ?? "",
    kpp: entity?.kpp ?? "",
    ogrn: entity?.ogrn ?? "",
    country: entity?.country ?? "RU",
    address: entity?.address ?? "",
  };
  return (
    <RecordForm title={entity ? own.entity : own.addEntity} verb={entity ? texts.save : texts.add} fields={fields}
      initial={initial} close={close}
      save={(values, paths, requestId) => {
        const { title, kpp, ogrn, country, address } = values;
        const kept = { name: entity?.name, etag: entity?.etag, client };
        const legalEntity = { ...kept, title, kpp, ogrn, country, address, taxId: values.tax_id };
        return entity
          ? entities.updateLegalEntity({ legalEntity, updateMask: { paths }, requestId })
          : entities.createLegalEntity({ legalEntity, requestId });
      }} />
  );
}
