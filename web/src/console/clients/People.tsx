// The people of a client: what each may do, and which letters each gets.
import { createClient } from "@connectrpc/connect";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Contact_LetterKind, Contacts, type Contact } from "../../gen/raschet/clients/v1/contacts_pb";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { Confirm } from "../../ui/Confirm";
import { Panel } from "../../ui/Panel";
import { RecordForm, type Field, type Values } from "../../ui/RecordForm";
import { useAct } from "../../ui/useAct";
import { useClientTexts } from "./texts";

const contacts = createClient(Contacts, transport);
const KINDS = [Contact_LetterKind.BILLING, Contact_LetterKind.SUPPORT, Contact_LetterKind.GENERAL];

export function People({ client, people }: { client: string; people: Contact[] }) {
  const texts = useTexts();
  const own = useClientTexts();
  const [open, setOpen] = useState<Contact | "new">();
  return (
    <Panel title={own.people} note={people.length || undefined}
      actions={
        <Button size="compact-sm" variant="default" onClick={() => setOpen("new")} aria-label={own.addPerson}>
          {texts.add}
        </Button>
      }>
      <Stack gap="md">{people.map((one) => <Person key={one.name} person={one} edit={() => setOpen(one)} />)}</Stack>
      {open && <Edit client={client} person={open === "new" ? undefined : open} close={() => setOpen(undefined)} />}
    </Panel>
  );
}

function Person({ person, edit }: { person: Contact; edit: () => void }) {
  const texts = useTexts();
  const own = useClientTexts();
  const [asked, setAsked] = useState(false);
  const remove = useAct(
    (requestId) => contacts.deleteContact({ name: person.name, etag: person.etag, requestId }),
    () => setAsked(false),
  );
  const letters = person.letters.map((kind) => own.letterKinds[kind]).join(", ");
  const name = `${person.givenName} ${person.familyName}`.trim();
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={600}>{name}</Text>
          {person.main && <Badge size="sm" c="var(--mantine-color-text)">{own.main}</Badge>}
        </Group>
        <Group gap={4}>
          <Button size="compact-sm" variant="subtle" onClick={edit} aria-label={`${texts.edit}: ${name}`}>
            {texts.edit}
          </Button>
          {!person.main && (
            <Button size="compact-sm" variant="subtle" color="red" onClick={() => setAsked(true)}
              aria-label={`${texts.remove}: ${name}`}>
              {texts.remove}
            </Button>
          )}
        </Group>
      </Group>
      <Text size="sm"><a href={`mailto:${person.email}`}>{person.email}</a>{person.phone && ` · ${person.phone}`}</Text>
      <Text size="xs" c="dimmed">{own.access}: {own.accesses[person.access]}{letters && ` · ${own.letters}: ${letters}`}</Text>
      <Confirm opened={asked} close={() => setAsked(false)} title={own.deletePerson} verb={texts.remove} act={remove}>
        <Text fw={600}>{name}</Text>
        <Text size="sm">{own.deletePersonText}</Text>
      </Confirm>
    </div>
  );
}

function Edit({ client, person, close }: { client: string; person: Contact | undefined; close: () => void }) {
  const texts = useTexts();
  const own = useClientTexts();
  const kinds = KINDS.map((kind) => ({ value: String(kind), label: own.letterKinds[kind] ?? "" }));
  const accesses = own.accesses.map((label, value) => ({ value: String(value), label })).slice(1);
  const fields: Field[] = [
    { name: "given_name", label: own.given, required: true },
    { name: "family_name", label: own.family },
    { name: "email", label: own.email, type: "email", required: true },
    { name: "phone", label: own.phone, type: "tel", hint: own.phoneHint },
    { name: "access", label: own.access, options: accesses },
    { name: "letters", label: own.letters, wide: true, checks: kinds },
  ];
  const initial = {
    given_name: person?.givenName ?? "",
    family_name: person?.familyName ?? "",
    email: person?.email ?? "",
    phone: person?.phone ?? "",
    access: String(person?.access || 1),
    letters: [...(person?.letters ?? [])].sort().join(","),
  };
  return (
    <RecordForm title={person ? own.person1 : own.addPerson} verb={person ? texts.save : texts.add} fields={fields}
      initial={initial} close={close}
      save={(values, paths, requestId) => {
        const contact = { ...record(values), name: person?.name, etag: person?.etag, client };
        return person
          ? contacts.updateContact({ contact, updateMask: { paths }, requestId })
          : contacts.createContact({ contact, requestId });
      }} />
  );
}

const record = (values: Values) => ({
  givenName: values.given_name,
  familyName: values.family_name,
  email: values.email,
  phone: values.phone,
  access: Number(values.access),
  letters: (values.letters ?? "").split(",").filter(Boolean).map(Number),
});
