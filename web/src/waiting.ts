/**
 * Holds back what is pressed until the page's program runs: before that a form would go the plain way, and
 * the server would see a receipt that was meant to stay on the device.
 *
 * A script of the old kind, loaded in the head before the body is there; so it imports and exports nothing.
 * `signal` in `came.ts` says that the program runs, or cannot. After that, or where nothing comes, a form is
 * sent in the plain way, as without scripts; what was pressed before is then not sent, but the page says why.
 */

(() => {
  const MOST = 90_000; // milliseconds: longer than the program itself waits for one of its pieces
  const page = document.documentElement;
  let pressed: SubmitEvent | undefined;

  function over(runs: boolean): void {
    const last = pressed;
    pressed = undefined;
    clearTimeout(timer);
    if (runs) delete page.dataset["program"];
    else if (page.dataset["program"]) page.dataset["program"] = last ? "missing" : "plain";
    if (runs && last) (last.target as HTMLFormElement).requestSubmit(last.submitter);
  }

  if (!("noModule" in HTMLScriptElement.prototype)) return; // nothing will come
  page.dataset["program"] = "coming";
  const timer = setTimeout(over, MOST, false);
  document.addEventListener("program", (event) => over((event as CustomEvent<boolean>).detail));
  // In the first phase also what does not bubble: that a script, or one that it imports, did not come. What
  // this browser cannot read, or fails, is an error of the window's.
  addEventListener(
    "error",
    (event) => {
      const ours = event.target === window && event.filename.startsWith(location.origin);
      if (ours || event.target instanceof HTMLScriptElement) over(false);
    },
    true,
  );
  document.addEventListener(
    "submit",
    (event) => {
      if (page.dataset["program"] !== "coming" && page.dataset["program"] !== "pressed") return;
      event.preventDefault();
      event.stopPropagation();
      pressed = event;
      page.dataset["program"] = "pressed";
    },
    true,
  );
})();
