// The routes below which every screen stands, with the shell around it.
import { createRootRoute, createRoute } from "@tanstack/react-router";
import { Shell } from "./Shell";

export const root = createRootRoute();
export const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

/** A search parameter as text: the router reads what looks like a number as one. */
export const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));
