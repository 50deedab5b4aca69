// Scans wait in the browser's own database until the server has answered them, each with a uuid that
// makes sending it twice harmless. They are sent one after the other, in their order, and survive
// reloads. Each person has a queue; an element with `data-scan-queue="<user id>"` shows it.
//
// Events on document: "scanning:result" {scan, result, open, isLate} for each answer, and
// "scanning:queue" {scans, refused, isLost, problem} whenever there is something to show.
(() => {
  "use strict";
  const Scanning = (window.Scanning = window.Scanning || {});

  const [FIRST_RETRY, LAST_RETRY] = [2_000, 15_000]; // ms
  // So long without an answer is told; so long, and the scan is sent again.
  const [SLOW, PATIENCE] = [1_500, 20_000]; // ms
  // Answers after which the same scan may well be taken later.
  const LATER = new Set([408, 425, 429]);

  const finished = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const openDatabase = async () => {
    const request = indexedDB.open("scanning", 1);
    request.onupgradeneeded = () => {
      for (const name of ["scans", "refused"]) {
        request.result.createObjectStore(name, { keyPath: "id", autoIncrement: true }).createIndex("user", "user");
      }
      // What is open at a place (the case of a batch): it follows from the answers, in their order.
      request.result.createObjectStore("places", { keyPath: ["user", "place"] });
    };
    return finished(request);
  };

  // randomUUID is there on HTTPS only; scan stations in a hall may have none.
  const makeUuid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  // Two tabs on one batch have two open cases. A reload keeps the tab.
  const tab = () => {
    try {
      if (!sessionStorage.getItem("scanning.tab")) sessionStorage.setItem("scanning.tab", makeUuid());
      return sessionStorage.getItem("scanning.tab");
    } catch {
      return "only";
    }
  };

  const csrfToken = () =>
    /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ??
    document.querySelector("[name=csrfmiddlewaretoken]")?.value ??
    "";

  class Store {
    constructor(user) {
      this.user = user;
      this.database = openDatabase();
      // Private windows and locked-down tablets may keep nothing.
      this.isThere = this.database.then(() => true, (error) => console.info("No scans are kept here:", error.name));
    }

    async in(names, mode, work) {
      const transaction = (await this.database).transaction(names, mode);
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      const result = await work(...names.map((name) => transaction.objectStore(name)));
      await done;
      return result;
    }

    list(name) {
      return this.in([name], "readonly", (store) => finished(store.index("user").getAll(this.user)));
    }

    add(scan) {
      return this.in(["scans"], "readwrite", (scans) => void scans.add({ ...scan, user: this.user }));
    }

    // What a page shows as open counts while no scan waits whose answer may change it.
    setOpen(place, open) {
      return this.in(["scans", "places"], "readwrite", async (scans, places) => {
        const rows = await finished(scans.index("user").getAll(this.user));
        if (!rows.some((row) => row.place === place)) places.put({ user: this.user, place, open });
      });
    }

    async opened(place) {
      const row = await this.in(["places"], "readonly", (places) => finished(places.get([this.user, place])));
      return row?.open ?? null;
    }

    // One transaction, so that a page that is closed meanwhile neither forgets nor repeats an answer.
    settle(scan, result, open) {
      return this.in(["scans", "refused", "places"], "readwrite", async (scans, refused, places) => {
        if ((await finished(scans.get(scan.id))) === undefined) return;
        scans.delete(scan.id);
        places.put({ user: this.user, place: scan.place, open });
        if (scan.isLate && result.outcome !== "ok") refused.add({ user: this.user, text: scan.text, ...result });
      });
    }

    markLate(scans) {
      return this.in(["scans"], "readwrite", (store) => {
        for (const scan of scans) if (!scan.isLate) store.put({ ...scan, isLate: true });
      });
    }

    async forgetRefused() {
      const rows = await this.list("refused");
      await this.in(["refused"], "readwrite", (store) => rows.forEach((row) => store.delete(row.id)));
    }
  }

  class Lost extends Error {}
  class Barred extends Error {}

  const post = async (scan, open) => {
    let response;
    try {
      response = await fetch(scan.url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({
          ...scan.body,
          scans: [{ ...scan.fields, uuid: scan.uuid, text: scan.text, at: scan.at, case_id: open?.id ?? null }],
        }),
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch (error) {
      throw new Lost(error.message);
    }
    if (response.status >= 500 || LATER.has(response.status)) throw new Lost(`status ${response.status}`);
    const answer = await response.json().catch(() => null);
    if (response.status === 401) throw new Barred("You are signed out. Sign in again to send what waits.");
    if (response.status === 403) throw new Barred(answer?.error ?? "You may not send this. Reload the page.");
    if (response.ok && answer?.results?.length === 1) return answer.results[0];
    // The server will never take this one; those behind it must not wait for it.
    const message = answer?.error ?? `Not taken (${response.status}).`;
    return { uuid: scan.uuid, outcome: "wrong", message, case: null, isUnknown: true };
  };

  // The case that is open after an answer: the one that it names, while it has room.
  const openAfter = (result, open) => {
    if (result.case === null) return open;
    const named = result.case.is_complete ? null : { id: result.case.id, number: result.case.case_number };
    if (result.outcome === "ok") return named;
    return named === null && open?.id === result.case.id ? null : open;
  };

  class Queue {
    constructor(user) {
      this.store = new Store(user);
      this.isLost = false;
      this.problem = "";
      this.sending = null;
      this.isWanted = false;
      this.tab = tab();
      this.retry = { timer: 0, delay: FIRST_RETRY };
    }

    // Scans are stored in the order of the calls. Tells how it ended: sent, waiting or unstored.
    async add(scan) {
      const row = { ...scan, place: this.placeOf(scan.place), uuid: makeUuid(), at: new Date().toISOString() };
      if (!(await this.store.isThere)) return "unstored";
      await this.store.add(row);
      await this.send();
      return this.isLost || this.problem !== "" ? "waiting" : "sent";
    }

    async setOpen(place, open) {
      if (await this.store.isThere) await this.store.setOpen(this.placeOf(place), open);
    }

    placeOf(name) {
      return `${this.tab}/${name}`;
    }

    // A new scan or a connection that is back is tried at once, and again soon.
    send({ next = FIRST_RETRY } = {}) {
      clearTimeout(this.retry.timer);
      this.retry.delay = next;
      this.isWanted = true;
      this.sending ??= this.sendWhileWanted();
      return this.sending;
    }

    async sendWhileWanted() {
      // A scan that is stored while the last answer is being shown is not left behind.
      while (this.isWanted) {
        this.isWanted = false;
        if (await this.store.isThere) await this.sendAll();
      }
      this.sending = null;
    }

    async sendAll() {
      let scans;
      while ((scans = await this.store.list("scans")).length > 0) {
        try {
          await this.sendOne(scans[0]);
        } catch (error) {
          if (!(error instanceof Lost || error instanceof Barred)) throw error;
          await this.wait(error);
          return;
        }
      }
      await this.tell();
    }

    async sendOne(scan) {
      const open = await this.store.opened(scan.place);
      const slow = setTimeout(() => this.tellSlow(), SLOW);
      const result = await post(scan, open).finally(() => clearTimeout(slow));
      const opened = openAfter(result, open);
      await this.store.settle(scan, result, opened);
      [this.isLost, this.problem] = [false, ""];
      document.dispatchEvent(
        new CustomEvent("scanning:result", { detail: { scan, result, open: opened, isLate: Boolean(scan.isLate) } }),
      );
      if (scan.isLate) await this.tell();
    }

    async wait(error) {
      this.isLost = error instanceof Lost;
      this.problem = error instanceof Barred ? error.message : "";
      await this.store.markLate(await this.store.list("scans"));
      await this.tell();
      if (!this.isLost) return;
      const { delay } = this.retry;
      this.retry.timer = setTimeout(() => this.send({ next: Math.min(delay * 2, LAST_RETRY) }), delay);
    }

    tellSlow() {
      this.isLost = true;
      return this.tell();
    }

    async tell() {
      const [scans, refused] = [await this.store.list("scans"), await this.store.list("refused")];
      const detail = { scans, refused, isLost: this.isLost, problem: this.problem };
      document.dispatchEvent(new CustomEvent("scanning:queue", { detail }));
    }
  }

  Scanning.csrfToken = csrfToken;

  const place = document.querySelector("[data-scan-queue]");
  if (place === null) return;
  const queue = new Queue(place.dataset.scanQueue);
  Scanning.queue = queue;

  // The colours and sounds are three; what is locked is wrong too.
  Scanning.kindOf = (outcome) => (outcome === "ok" || outcome === "duplicate" ? outcome : "wrong");

  const counts = { ok: 0, duplicate: 0, wrong: 0 };
  document.addEventListener("scanning:result", ({ detail }) => {
    if (detail.isLate) counts[Scanning.kindOf(detail.result.outcome)] += 1;
  });

  const find = (name) => place.querySelector(`[data-queue-${name}]`);
  // The page says it in its own words; # stands for the number.
  const WAITING = place.dataset.waiting || "Queued #, waiting for connection";

  const show = (element, text) => {
    element.hidden = text === "";
    if (element.textContent !== text) element.textContent = text;
  };

  const lineOf = (row) => {
    const line = document.createElement("li");
    const text = document.createElement("strong");
    text.textContent = row.text;
    line.append(text, ` ${row.message}`);
    return line;
  };

  document.addEventListener("scanning:queue", ({ detail }) => {
    const { scans, refused, isLost, problem } = detail;
    const waiting = scans.length.toLocaleString("en");
    show(find("waiting"), scans.length > 0 && isLost ? WAITING.replace("#", waiting) : "");
    show(find("problem"), scans.length > 0 && problem ? `Not sent: ${waiting}. ${problem}` : "");
    const sent = counts.ok + counts.duplicate + counts.wrong;
    find("results").hidden = sent + refused.length === 0;
    show(find("sent"), sent ? `Sent later: ${counts.ok} ok, ${counts.duplicate} already done, ${counts.wrong} wrong` : "");
    find("refused").replaceChildren(...refused.map(lineOf));
  });

  find("dismiss").addEventListener("click", async () => {
    Object.assign(counts, { ok: 0, duplicate: 0, wrong: 0 });
    await queue.store.forgetRefused();
    await queue.tell();
    Scanning.focusField();
  });

  window.addEventListener("online", () => queue.send());
  document.addEventListener("visibilitychange", () => document.hidden || queue.send());
  document.addEventListener("DOMContentLoaded", () => queue.send());
})();
