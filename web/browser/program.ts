// What a program of the company does beside the screens: calls, with a login of its own.
import { createClient, type Client } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import type { DescService } from "@bufbuild/protobuf";
import { Sessions } from "../src/gen/raschet/gateway/v1/sessions_pb";
import { origin } from "./browser";
import { demo } from "./people";

const transport = (token?: string) =>
  createGrpcWebTransport({
    baseUrl: origin,
    useBinaryFormat: true,
    interceptors: [
      (next) => (request) => {
        if (token) request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });

/** Clients of the services, for the administrator of the demo. */
export async function program(): Promise<<S extends DescService>(service: S) => Client<S>> {
  const { token } = await createClient(Sessions, transport()).login(demo.staff);
  const own = transport(token);
  return (service) => createClient(service, own);
}

/** What one service tells the others takes a moment: a call that needs it is tried until it is known. */
export async function once<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (refused) {
      if (tries === 40) throw refused;
      await new Promise((later) => setTimeout(later, 250));
    }
  }
}

const sum = (digits: string, weights: number[]) =>
  [...digits].reduce((total, digit, i) => total + Number(digit) * (weights[i % weights.length] ?? 0), 0);

/** An account whose key holds for a bank. */
function keyed(bank: string, head: string, tail: string): string {
  const of = (key: number) => `${head}${key}${tail}`;
  return of([...Array(10).keys()].find((key) => sum(bank + of(key), [7, 1, 3]) % 10 === 0) ?? 0);
}

/** Digits of an invented company and its bank account that hold by every check. */
export function requisites(n: number) {
  const first = `990${String(n).padStart(6, "0")}`;
  return {
    taxId: `${first}${(sum(first, [2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11) % 10}`,
    kpp: "990101001",
    bic: "049999987",
    account: keyed("987", "40702810", String(38_000_000_000 + n)),
    correspondentAccount: keyed("099", "30101810", "99990000987"),
  };
}
