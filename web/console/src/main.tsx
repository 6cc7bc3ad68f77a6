/** The console starts here. Nothing is kept on the device: what is opened lives in this page's memory. */

import { render } from "preact";
import { App, type Link } from "./app.tsx";
import { forget } from "./state.ts";
import { language, speak } from "./texts.ts";
import "./console.css";

/** The secret of a link, taken out of the address before anything else. */
function opened(): Link | undefined {
  const found = /^#(join|recover)=([A-Za-z0-9_-]+)(?:&root=([0-9a-f]{64}))?$/.exec(location.hash);
  if (location.hash) history.replaceState(null, "", location.pathname);
  return found ? { kind: found[1] as Link["kind"], secret: found[2]!, root: found[3] } : undefined;
}

const place = document.querySelector("#console");
let count = 0;
function draw(): void {
  const link = opened();
  if (link) forget(); // whoever follows a link is not who is logged in
  if (place) render(<App key={count++} link={link} />, place);
}

speak(language());
draw();
// A link that is opened where the console is open already changes the address only.
addEventListener("hashchange", () => {
  if (location.hash) draw();
});
