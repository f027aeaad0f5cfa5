/** Pictures of the library: fetched, sent, and told by their address. */

import type { Answer } from "@/api/types";
import { call } from "@/api/client";

export type Picture = Answer<"/api/media/{identity}", "get">;
export type PicturePage = Answer<"/api/media", "get">;

/** What a browser offers to choose from; what is really one of them, the server looks at. */
export const ACCEPTED = "image/png,image/jpeg,image/webp,image/gif";

/** Sends a file to the library. Throws `ApiProblem`, whose words say what is wrong with it. */
export async function upload(file: File): Promise<Picture> {
  const title = encodeURIComponent(file.name.slice(-200));
  const { data } = await call<Picture>("POST", `/api/media?title=${title}`, { file: { text: file, type: file.type || "application/octet-stream" } });
  return data;
}

export async function search(words: string, cursor: string | null, signal?: AbortSignal): Promise<PicturePage> {
  const asked = new URLSearchParams({ limit: "30", ...(words ? { search: words } : {}), ...(cursor ? { cursor } : {}) });
  return (await call<PicturePage>("GET", `/api/media?${asked}`, signal ? { signal } : {})).data;
}

const OURS = /\/media\/([0-9a-f]{32}\.(?:png|jpg|gif))(?:[?#]|$)/;

/** Where this page may load a picture of ours from, whatever host its address names; null: it is somebody else's. */
export function ownPath(address: string): string | null {
  const found = OURS.exec(address);
  return found ? `/media/${found[1]}` : null;
}

/** The pictures among what was dropped or pasted. */
export const picturesIn = (files: FileList | null | undefined): File[] => [...(files ?? [])].filter((one) => one.type.startsWith("image/"));
