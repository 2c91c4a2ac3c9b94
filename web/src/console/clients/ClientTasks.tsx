// What is to be done about one client, and what was done.
import { useQuery } from "@connectrpc/connect-query";
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { Tasks } from "../../gen/raschet/tickets/v1/tasks_pb";
import { useNow } from "../../shared/caller";
import { moscowDay } from "../../shared/dates";
import { useNames } from "../../shared/useNames";
import { Failure } from "../../ui/DataTable";
import { Panel } from "../../ui/Panel";
import { TaskDialog } from "../plans/dialogs";
import { TaskRows } from "../plans/TaskRows";
import { usePlanTexts } from "../plans/texts";

export function ClientTasks({ client }: { client: string }) {
  const own = usePlanTexts();
  const now = useNow();
  const [adding, setAdding] = useState(false);
  const found = useQuery(Tasks.method.listTasks, { client, showDone: true });
  const tasks = found.data?.tasks ?? [];
  const names = useNames(tasks.flatMap((task) => [task.assignee, task.doneBy]));
  return (
    <Panel title={own.tasks} note={found.data?.totalSize || undefined}
      actions={<Button size="compact-sm" variant="default" onClick={() => setAdding(true)}>+ {own.addTask}</Button>}>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.data && tasks.length === 0 && <Text size="sm" c="dimmed">{own.none}</Text>}
      {now !== undefined && <TaskRows label={own.tasks} tasks={tasks} names={names} today={moscowDay(now)} clientless />}
      {adding && <TaskDialog begin={{ client }} close={() => setAdding(false)} />}
    </Panel>
  );
}
