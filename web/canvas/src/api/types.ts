/** Types of the API's answers, taken from its own description (`openapi.json`) by route: a renamed model changes nothing here. */

import type { paths } from "./schema.gen";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What the description leaves open is JSON. */
type Closed<T> = unknown extends T ? Json : T extends (infer Item)[] ? Closed<Item>[] : T extends object ? { [Key in keyof T]: Closed<T[Key]> } : T;

type Body<Content> = Content extends { content: { "application/json": infer Data } } ? Data : never;
type Success<Responses> = Responses extends { 200: infer Content } ? Body<Content> : Responses extends { 201: infer Content } ? Body<Content> : never;

/** The JSON that a route answers with when all is well: `Answer<"/api/names", "get">`. */
export type Answer<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends { responses: infer Responses }
  ? Closed<Success<Responses>>
  : never;
