// Logging in and out: the gateway keeps the token in a cookie that scripts cannot read.

export interface Session {
  display_name: string;
  client: string;
  must_change_password: boolean;
}

async function post(path: string, body?: object): Promise<Response> {
  return fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
}

/** Throws a text that says why not. */
export async function logIn(login: string, password: string): Promise<Session> {
  const answer = await post("/auth/login", { login, password });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.text);
  return body;
}

/** `door` is where to log in again. */
export async function logOut(door = "/console/login"): Promise<void> {
  await post("/auth/logout");
  location.assign(door);
}
