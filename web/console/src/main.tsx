/** The console starts here. Nothing is kept on the device: what is opened lives in this page's memory. */

import { render } from "preact";
import { App } from "./app.tsx";
import "./console.css";

const place = document.querySelector("#console");
if (place) render(<App />, place);
