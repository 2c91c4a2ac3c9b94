// All that is to be done: one's own or everybody's, with what was done when asked for.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Button, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Tasks, type Task } from "../../gen/raschet/tickets/v1/tasks_pb";
import { useCaller, useNow } from "../../shared/caller";
import { moscowDay } from "../../shared/dates";
import { useNames } from "../../shared/useNames";
import { Choice } from "../../ui/Choice";
import { Failure, Loading } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { Panel } from "../../ui/Panel";
import { TaskDialog } from "./dialogs";
import { grouped } from "./groups";
import { TaskRows, Undo } from "./TaskRows";
import { usePlanTexts } from "./texts";

const route = getRouteApi("/shell/tasks");

export function TaskList() {
  const own = usePlanTexts();
  const { whose = "mine", done, page } = route.useSearch();
  const navigate = route.useNavigate();
  const caller = useCaller();
  const now = useNow();
  const [adding, setAdding] = useState(false);
  const [ticked, setTicked] = useState<Task>();
  const me = caller.data?.actor.startsWith("staff/") ? caller.data.actor : "";
  const request = { assignee: whose === "mine" ? me : "", showDone: done ?? false, pageToken: page ?? "" };
  const found = useQuery(Tasks.method.listTasks, request, { enabled: caller.data !== undefined, placeholderData: keepPreviousData });
  const rows = found.data?.tasks ?? [];
  const names = useNames(rows.flatMap((task) => [task.client, task.assignee, task.doneBy]));
  const search = (change: { whose?: "all"; done?: boolean }) => void navigate({ search: change });
  return (
    <Stack>
      <Group justify="space-between">
        <Group align="baseline" gap="sm">
          <Title order={1} size="h2">{own.tasks}</Title>
          <Text role="status" c="dimmed">{found.data && own.found(found.data.totalSize)}</Text>
        </Group>
        <Button onClick={() => setAdding(true)}>{own.newTask}</Button>
      </Group>
      <Group>
        <Choice label={own.whose} value={whose} choose={(value) => search({ whose: value === "all" ? "all" : undefined, done })}
          options={[{ value: "mine", label: own.mine }, { value: "all", label: own.all }]} />
        <Choice label={own.which} value={done ? "done" : "open"} choose={(value) => search({ whose: whose === "all" ? "all" : undefined, done: value === "done" || undefined })}
          options={[{ value: "open", label: own.open }, { value: "done", label: own.done }]} />
      </Group>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {!found.error && (!found.data || now === undefined) && <Loading />}
      {found.data && rows.length === 0 && <Text>✓ {own.nothing}</Text>}
      {ticked && <Undo key={ticked.name} task={ticked} close={() => setTicked(undefined)} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {now !== undefined && grouped(rows, moscowDay(now)).map(([urgency, tasks]) => (
          <Panel key={urgency} title={own.urgencies[urgency]} note={tasks.length}>
            <TaskRows label={own.urgencies[urgency]} tasks={tasks} names={names} today={moscowDay(now)} dayless={urgency === "today" || urgency === "someDay"} told={setTicked} />
          </Panel>
        ))}
      </SimpleGrid>
      <Pager page={page} next={found.data?.nextPageToken} turn={(page) => void navigate({ search: (old) => ({ ...old, page }) })} />
      {adding && <TaskDialog begin={{ assignee: me }} close={() => setAdding(false)} />}
    </Stack>
  );
}
