/** Pages of this server, fetched without leaving the document. */

const SECONDS = 60;

/** A page, as it answers a form with these fields, or a link. */
export function load(path: string, fields?: Readonly<Record<string, string>>): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // and not fetch: this one parses what it gets, and runs nothing of it
    request.open(fields ? "POST" : "GET", path);
    request.responseType = "document";
    request.timeout = SECONDS * 1000;
    const failed = (): void => reject(new Error("the page did not come"));
    request.onerror = request.ontimeout = failed;
    request.onload = () => {
      const found = request.responseXML;
      if (request.status === 200 && found?.querySelector("main")) resolve(found);
      else failed();
    };
    request.send(fields ? new URLSearchParams(fields) : null);
  });
}
