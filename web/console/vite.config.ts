/**
 * The console's build, apart from the public pages': other files, another manifest, served by the review door
 * only. Names hold no hash of a machine or a time: two builds give the same bytes.
 */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  build: {
    target: "es2022",
    outDir: here("../dist-console"),
    emptyOutDir: true,
    modulePreload: false, // its polyfill would fetch by itself
    reportCompressedSize: false,
    rolldownOptions: {
      input: { main: here("src/main.tsx") },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
