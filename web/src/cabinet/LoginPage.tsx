// The door for customers; staff are told where theirs is.
import { createClient } from "@connectrpc/connect";
import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { Sessions } from "../gen/raschet/gateway/v1/sessions_pb";
import { useTexts } from "../shared/dictionary";
import { logIn } from "../shared/session";
import { explain, queries, transport } from "../shared/transport";
import { go } from "./router";
import { useCabinetTexts } from "./texts";

const sessions = createClient(Sessions, transport);

export function LoginPage() {
  const texts = useTexts();
  const own = useCabinetTexts();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [fresh, setFresh] = useState<string>();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);

  async function enter() {
    if (fresh !== undefined) await sessions.changePassword({ oldPassword: password, newPassword: fresh });
    else if ((await logIn(login, password)).must_change_password) return setFresh("");
    queries.clear();
    go("/");
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
    <main className="wide door" id="main" tabIndex={-1}>
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h1>{own.login}</h1>
        {failure && <Alert role="alert" color="red" variant="outline">{failure}</Alert>}
        {fresh === undefined ? (
          <>
            <p className="dim">{own.loginHint}</p>
            <TextInput label={texts.email} type="email" autoComplete="username" required size="md"
              value={login} onChange={(event) => setLogin(event.currentTarget.value)} />
            <PasswordInput label={texts.password} autoComplete="current-password" required size="md"
              value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
          </>
        ) : (
          <PasswordInput label={texts.newPassword} description={texts.mustChange} minLength={10} size="md"
            autoComplete="new-password" required autoFocus
            value={fresh} onChange={(event) => setFresh(event.currentTarget.value)} />
        )}
        <Button type="submit" size="md" loading={busy}>{texts.login}</Button>
      </form>
      <p><a href="/console/login">{own.forStaff}</a></p>
    </main>
  );
}
