// Choosing a client by number, name or address: the services find it, not the browser.
import { useQuery } from "@connectrpc/connect-query";
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { Clients } from "../gen/raschet/clients/v1/clients_pb";
import { useTexts } from "../shared/dictionary";
import { titleOf, useClientTitles } from "./ClientLink";

interface Props {
  label: string;
  description?: string;
  /** Format: clients/{client}; none for nobody. */
  value: string | null;
  choose: (client: string | null) => void;
}

export function ClientSelect({ label, description, value, choose }: Props) {
  const texts = useTexts();
  const [query, setQuery] = useState("");
  const [wanted] = useDebouncedValue(query.split(" · ")[0]?.trim() ?? "", 250);
  const found = useQuery(Clients.method.listClients, { query: wanted, pageSize: 20 });
  const listed = (found.data?.clients ?? []).map((client) => ({ value: client.name, label: `${titleOf(client)} · ${client.number}` }));
  // The one that is chosen already has a name too, wherever the list is.
  const missing = value && !listed.some((one) => one.value === value) ? [value] : [];
  const titles = useClientTitles(missing);
  const chosen = missing.flatMap((name) => (titles.has(name) ? [{ value: name, label: titles.get(name) ?? "" }] : []));
  return (
    <Select label={label} description={description} searchable clearable value={value} onChange={choose}
      searchValue={query} onSearchChange={setQuery} nothingFoundMessage={texts.notFound} filter={({ options }) => options}
      clearButtonProps={{ "aria-label": texts.reset }} data={[...chosen, ...listed]} />
  );
}
