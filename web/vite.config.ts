/**
 * The build: `src/seal.ts` is what a page needs to seal, `src/read.ts` what it needs to open again.
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
      input: { seal: "src/seal.ts", read: "src/read.ts" },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
      },
    },
  },
});
