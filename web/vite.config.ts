/**
 * The build: `src/page.ts` is what pages load, `src/worker.ts` what it starts; `src/own_page.ts` and
 * `src/own_worker.ts` are that for coming back. `src/waiting.ts` comes before both. `src/seal.ts` and `src/read.ts` are the library of all, to
 * seal and to open again.
 *
 * Names of files hold no hash of a machine or a time, only of content: two builds give the same bytes.
 */

import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: false, // its polyfill would fetch by itself
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        waiting: "src/waiting.ts",
        page: "src/page.ts",
        worker: "src/worker.ts",
        own_page: "src/own_page.ts",
        own_worker: "src/own_worker.ts",
        seal: "src/seal.ts",
        read: "src/read.ts",
      },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
      },
    },
  },
});
