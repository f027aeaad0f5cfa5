import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The bundle goes where the application serves it; its manifest tells the page which hashed files belong to it.
export default defineConfig({
  base: "/static/build/",
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  build: {
    outDir: "../static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    rollupOptions: { input: ["src/main.tsx", "src/templates.tsx"] },
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"], // light-dark() stays as it is: the page chooses
    chunkSizeWarningLimit: 2000, // ELK is one big worker, loaded when somebody asks for it
  },
  worker: { format: "es" },
});
