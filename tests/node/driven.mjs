// A browser as a line-oriented service: one JSON request per line, one answer per line. Firefox is driven over
// WebDriver BiDi. Chromium, over its own protocol, is not asked about the network: what tells that holds on to
// every body that was sent. Started by tests/driven.py.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const [browserName, executablePath, width, height, ...args] = process.argv.slice(2);
const browser = await puppeteer.launch({
  browser: browserName,
  executablePath,
  args,
  headless: browserName === "firefox" ? true : "shell",
  networkEnabled: browserName === "firefox",
  defaultViewport: { width: Number(width), height: Number(height) },
});
const page = await browser.newPage();

async function found(selector) {
  const element = await page.$(selector);
  if (!element) throw new Error(`nothing is ${selector}`);
  return element;
}

const operations = {
  goto: ({ url }) => page.goto(url),
  visible: ({ selector, timeout }) => page.waitForSelector(selector, { visible: true, timeout }),
  click: async ({ selector }) => (await found(selector)).click(),
  fill: ({ selector, text }) => page.locator(selector).fill(text),
  select: ({ selector, value }) => page.select(selector, value),
  files: async ({ selector, paths }) => (await found(selector)).uploadFile(...paths),
  texts: ({ selector }) => page.$$eval(selector, (elements) => elements.map((e) => e.innerText)),
  evaluate: ({ code }) => page.evaluate(code),
  pid: () => browser.process().pid,
  screenshot: ({ path }) => page.screenshot({ path, fullPage: true }),
};
const silent = ["goto", "visible", "select", "screenshot"]; // what they give is no JSON, or nobody's concern

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const { op, ...request } = JSON.parse(line);
    const result = await operations[op](request);
    answer = { ok: true, result: silent.includes(op) ? null : (result ?? null) };
  } catch (error) {
    answer = { ok: false, error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
