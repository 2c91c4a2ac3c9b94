// What whoever looks is to do, the soonest first; a new thing is one line and Enter.
import { createClient } from "@connectrpc/connect";
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import type { Board } from "../../gen/raschet/gateway/v1/dashboard_pb";
import { Tasks } from "../../gen/raschet/tickets/v1/tasks_pb";
import { useCaller } from "../../shared/caller";
import { useTexts } from "../../shared/dictionary";
import { transport } from "../../shared/transport";
import { useNames } from "../../shared/useNames";
import { Failure } from "../../ui/DataTable";
import { Panel } from "../../ui/Panel";
import { useAct } from "../../ui/useAct";
import { Way } from "../../ui/Way";
import { TaskRows } from "../plans/TaskRows";
import { usePlanTexts } from "../plans/texts";

const tasks = createClient(Tasks, transport);

export function MyTasks({ board }: { board: Board }) {
  const own = usePlanTexts();
  const names = useNames(board.tasks.flatMap((task) => [task.client, task.assignee]));
  const today = board.overview?.today;
  return (
    <Panel title={own.tasks} note={board.taskCount || undefined}
      actions={<Text size="sm" component="div"><Way href="/tasks">{own.all}</Way></Text>}>
      {board.tasks.length === 0 && <Text size="sm" mb={6}>✓ {own.nothing}</Text>}
      {today && <TaskRows label={own.tasks} tasks={board.tasks} names={names} today={today} />}
      <Quick />
    </Panel>
  );
}

function Quick() {
  const texts = useTexts();
  const own = usePlanTexts();
  const caller = useCaller();
  const [text, setText] = useState("");
  const me = caller.data?.actor.startsWith("staff/") ? caller.data.actor : "";
  const act = useAct((requestId) => tasks.createTask({ task: { text, assignee: me }, requestId }), () => setText(""));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() && !act.busy) void act.run();
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs" mt={6} wrap="nowrap">
        <TextInput aria-label={own.newTask} placeholder={own.quick} maxLength={500} value={text} style={{ flex: 1 }}
          onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit" variant="default" loading={act.busy} disabled={!text.trim()}>{texts.add}</Button>
      </Group>
      {act.failure !== undefined && <Failure error={act.failure} />}
    </form>
  );
}
