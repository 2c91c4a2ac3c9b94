// Clients by their names: lists of other things know only the ids of their clients.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Clients, type Client } from "../gen/raschet/clients/v1/clients_pb";

export const titleOf = (client: Client) => client.company || `${client.givenName} ${client.familyName}`.trim();

/** Titles of these clients, in one call; those not known yet are missing. */
export function useClientTitles(clients: string[]): Map<string, string> {
  const names = [...new Set(clients)].filter(Boolean).sort();
  const found = useQuery(Clients.method.batchGetClients, { names }, { enabled: names.length > 0, placeholderData: keepPreviousData });
  return new Map(found.data?.clients.map((client) => [client.name, titleOf(client)]));
}

/** A way to the client's card; `within` a text it is underlined, as colour alone does not tell it from words. */
export function ClientLink({ client, titles, within }: { client: string; titles: Map<string, string>; within?: "text" }) {
  const id = client.replace("clients/", "");
  return (
    <Anchor inherit underline={within ? "always" : "hover"} renderRoot={(props) => <Link to="/clients/$id" params={{ id }} search={{}} {...props} />}>
      {titles.get(client) ?? "…"}
    </Anchor>
  );
}
