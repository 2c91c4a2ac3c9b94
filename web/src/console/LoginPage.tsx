// The door for staff. A password that works once is replaced at once.
import { createClient } from "@connectrpc/connect";
import { Alert, Button, Center, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { Sessions } from "../gen/raschet/gateway/v1/sessions_pb";
import { useTexts } from "../shared/dictionary";
import { logIn } from "../shared/session";
import { explain, queries, transport } from "../shared/transport";

const sessions = createClient(Sessions, transport);

export function LoginPage() {
  const texts = useTexts();
  const navigate = useNavigate();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [fresh, setFresh] = useState<string>();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);

  async function enter() {
    if (fresh !== undefined) {
      await sessions.changePassword({ oldPassword: password, newPassword: fresh });
    } else {
      const session = await logIn(login, password);
      if (session.client) throw new Error(texts.customer);
      if (session.must_change_password) return setFresh("");
    }
    queries.clear();
    await navigate({ to: "/", search: {} });
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFailure("");
    try {
      await enter();
    } catch (error) {
      setFailure(error instanceof TypeError ? texts.offline : explain(error, texts));
    }
    setBusy(false);
  }

  return (
    <Center component="main" mih="100vh" p="md">
      <Paper component="form" withBorder p="lg" w="100%" maw={380} onSubmit={submit}>
        <Stack>
          <Title order={1} size="h3">{texts.loginTitle}</Title>
          {failure && <Alert role="alert" color="red" variant="outline">{failure}</Alert>}
          {fresh === undefined ? (
            <>
              <TextInput label={texts.email} type="email" autoComplete="username" required
                value={login} onChange={(event) => setLogin(event.currentTarget.value)} autoFocus />
              <PasswordInput label={texts.password} autoComplete="current-password" required
                value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
            </>
          ) : (
            <PasswordInput label={texts.newPassword} description={texts.mustChange} minLength={10}
              autoComplete="new-password" required autoFocus
              value={fresh} onChange={(event) => setFresh(event.currentTarget.value)} />
          )}
          <Button type="submit" loading={busy}>{texts.login}</Button>
        </Stack>
      </Paper>
    </Center>
  );
}
