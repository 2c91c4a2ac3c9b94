// A record in a dialog: its fields, what the service finds wrong with each, and the act that saves.
import { Button, Checkbox, Group, Modal, NativeSelect, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTexts } from "../shared/dictionary";
import { queries, reason, violations } from "../shared/transport";
import { ClientSelect } from "./ClientSelect";
import { Failure } from "./DataTable";
import { useAct } from "./useAct";

export type Values = Record<string, string>;

export interface Field {
  /** Name of the field in the contract, such as `given_name`. */
  name: string;
  label: string;
  required?: boolean;
  type?: "text" | "email" | "tel" | "date" | "time";
  hint?: string;
  /** One of these. */
  options?: { value: string; label: string }[];
  /** Any of these; the value lists them with commas between. */
  checks?: { value: string; label: string }[];
  /** A client. */
  client?: boolean;
  wide?: boolean;
}

interface Props {
  title: string;
  verb: string;
  fields: Field[];
  initial: Values;
  close: () => void;
  /** `changed` names the fields that differ from before. */
  save: (values: Values, changed: string[], requestId: string) => Promise<unknown>;
  /** Something else that can be done with the record, on the left of the buttons. */
  aside?: ReactNode;
}

export function RecordForm({ title, verb, fields, initial, close, save, aside }: Props) {
  const texts = useTexts();
  const [values, setValues] = useState(initial);
  const changed = fields.map((field) => field.name).filter((name) => values[name] !== initial[name]);
  const act = useAct((requestId) => save(values, changed, requestId), close);
  const leave = () => {
    // What somebody else has changed in between is read anew.
    if (act.failure !== undefined) void queries.invalidateQueries();
    close();
  };
  const wrong = act.failure === undefined ? new Map<string, string>() : violations(act.failure);
  const elsewhere = act.failure !== undefined && !fields.some((field) => wrong.has(field.name));
  const set = (name: string, value: string) => setValues((before) => ({ ...before, [name]: value }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void act.run();
  };
  return (
    <Modal opened onClose={leave} title={title} size="lg" closeButtonProps={{ "aria-label": texts.close }}>
      <Stack component="form" onSubmit={submit}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {fields.map((field, index) => (
            <div key={field.name} style={field.wide ? { gridColumn: "1 / -1" } : undefined}>
              <Input field={field} value={values[field.name] ?? ""} wrong={wrong.get(field.name)}
                first={index === 0} set={(value) => set(field.name, value)} />
            </div>
          ))}
        </SimpleGrid>
        {elsewhere && <Failure error={act.failure} />}
        {act.failure !== undefined && reason(act.failure) === "STALE_ETAG" && <Text size="sm">{texts.stale}</Text>}
        <Group justify="end">
          {aside && <div style={{ marginInlineEnd: "auto" }}>{aside}</div>}
          <Button variant="default" onClick={leave}>{texts.cancel}</Button>
          <Button type="submit" loading={act.busy} disabled={changed.length === 0}>{verb}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface InputProps {
  field: Field;
  value: string;
  wrong: string | undefined;
  first: boolean;
  set: (value: string) => void;
}

function Input({ field, value, wrong, first, set }: InputProps) {
  const common = { label: field.label, description: field.hint, required: field.required, error: wrong };
  if (field.checks) {
    const chosen = value.split(",").filter(Boolean);
    return (
      <Checkbox.Group {...common} value={chosen} onChange={(next) => set([...next].sort().join(","))}>
        <Group mt={6}>{field.checks.map((check) => <Checkbox key={check.value} size="md" {...check} />)}</Group>
      </Checkbox.Group>
    );
  }
  if (field.client) {
    return <ClientSelect label={field.label} description={field.hint} value={value || null} choose={(client) => set(client ?? "")} />;
  }
  if (field.options) {
    return <NativeSelect {...common} data={field.options} value={value} onChange={(event) => set(event.currentTarget.value)} />;
  }
  return (
    <TextInput {...common} type={field.type ?? "text"} value={value} data-autofocus={first || undefined}
      onChange={(event) => set(event.currentTarget.value)} />
  );
}
