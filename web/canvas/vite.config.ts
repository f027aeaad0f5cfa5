import react from "@vitejs/plugin-react";
import { defineConfig, type Rolldown } from "vite";

const ENTRIES = ["src/main.tsx", "src/templates.tsx", "src/segments.tsx", "src/charts.ts"];
/** Packages of which an application takes some parts only: what is behind their index is not yet needed with them. */
const INDEX = /\/node_modules\/(radix-ui|lucide-react)\//;
const isEntry = (id: string): boolean => ENTRIES.some((entry) => id.endsWith(`/${entry}`));
/** What an entry needs before anything can be drawn, by the path of the entry. */
const needed = new Map<string, Set<string>>();

function neededBy(entry: string, context: Rolldown.ChunkingContext): Set<string> {
  const known = needed.get(entry);
  if (known) return known;
  const found = new Set([decodeURIComponent(new URL(entry, import.meta.url).pathname)]);
  for (const id of found) {
    if (!INDEX.test(id)) for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  }
  needed.set(entry, found);
  return found;
}

const isNeeded = (entry: number) => (id: string, context: Rolldown.ChunkingContext): boolean => neededBy(ENTRIES[entry] ?? "", context).has(id);
const [drawing, writing] = [isNeeded(0), isNeeded(1)];

/** In few files, for a browser asks for six at a time: what both pages need at once, what each needs beside it, and icons. */
const GROUPS: Rolldown.CodeSplittingGroup[] = [
  { debugName: "shared", priority: 3, name: (id, context) => (drawing(id, context) && writing(id, context) ? "shared" : null) },
  { debugName: "icons", priority: 2, test: /\/node_modules\/lucide-react\//, name: "icons" },
  { debugName: "drawing", priority: 1, name: (id, context) => (drawing(id, context) && !isEntry(id) ? "drawing" : null) },
  { debugName: "writing", priority: 1, name: (id, context) => (writing(id, context) && !isEntry(id) ? "writing" : null) },
];

// The bundle goes where the application serves it; its manifest tells the page which hashed files belong to it.
export default defineConfig({
  base: "/static/build/",
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  build: {
    outDir: "../static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    rolldownOptions: { input: ENTRIES, output: { codeSplitting: { groups: GROUPS } } },
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"], // light-dark() stays as it is: the page chooses
    chunkSizeWarningLimit: 2000, // ELK is one big worker, loaded when somebody asks for it
  },
  worker: { format: "es" },
});
