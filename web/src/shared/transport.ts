// Calls: binary gRPC-Web at the root of this origin, with the cookie of /auth/login.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { QueryClient } from "@tanstack/react-query";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { language, type Dictionary } from "./dictionary";

const inLanguage: Interceptor = (next) => (request) => {
  request.header.set("accept-language", language());
  return next(request);
};

// One for all: the keys of queries contain it.
export const transport = createGrpcWebTransport({
  baseUrl: "/",
  useBinaryFormat: true,
  defaultTimeoutMs: 15_000,
  interceptors: [inLanguage],
});

/** Whether nobody answered: a browser tells that as an unknown error. */
const isOffline = (error: ConnectError) =>
  error.code === Code.Unavailable ||
  (error.code === Code.Unknown && error.cause instanceof TypeError);

export const isLoggedOut = (error: unknown) =>
  error instanceof ConnectError && error.code === Code.Unauthenticated;

/** What a person reads of a failure. */
export function explain(error: unknown, texts: Dictionary): string {
  const failure = ConnectError.from(error);
  return isOffline(failure) ? texts.offline : failure.rawMessage;
}

/** The reason for programs, such as PREVIEW_STALE; empty without one. */
export const reason = (error: unknown): string =>
  ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? "";

/** What is wrong with which field, by the last part of its path. */
export function violations(error: unknown): Map<string, string> {
  const found = ConnectError.from(error).findDetails(BadRequestSchema).flatMap((bad) => bad.fieldViolations);
  const last = (path: string) => path.slice(path.lastIndexOf(".") + 1);
  return new Map(found.map((one) => [last(one.field), one.localizedMessage?.message || one.description]));
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Only reads, and only when nobody answered.
      retry: (count, error) => count < 2 && isOffline(ConnectError.from(error)),
      refetchOnWindowFocus: false,
    },
  },
});
