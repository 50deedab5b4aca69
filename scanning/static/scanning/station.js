// A scan station: scans are sent in the background, the answer is seen, heard and felt at once, and
// then the page's parts are brought up to date by the server. Without this file the form is sent.
//
// The form says what it sends: data-station (the place, as a batch), data-url (takes {…body, scans}),
// data-body and data-fields (JSON, of the call and of each scan), data-page (the address that shows
// the state), data-open (name of its parameter for the open case, when cases are opened here).
// Inputs with data-option="<field>" go with each scan and, when ticked, into the address.
// Elements with an id and data-part are replaced by what the server shows; #scan-state names the open
// case in data-id and data-number. Forms with data-quiet are sent without a reload; with
// data-command="<text>" they scan that text.
(() => {
  "use strict";
  const Scanning = window.Scanning;
  const station = () => document.querySelector("form[data-station]");

  const WORDS = { ok: "OK", duplicate: "Already done", wrong: "Wrong", queued: "Queued" };
  const SHOWN = 60;
  const shorten = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text);

  const optionsOf = (form) => [...form.querySelectorAll("[data-option]")];
  const isChecked = (input) => input.type === "checkbox" && input.checked;

  const fieldsOf = (form) => {
    const fields = JSON.parse(form.dataset.fields ?? "{}");
    for (const input of optionsOf(form)) {
      const name = input.dataset.option;
      if (input.type === "checkbox") fields[name] = input.checked;
      else if (input.value !== "") fields[name] = input.type === "number" ? Number(input.value) : input.value;
    }
    return fields;
  };

  const openOnPage = () => {
    const state = document.querySelector("#scan-state")?.dataset;
    return state?.id ? { id: state.id, number: Number(state.number) } : null;
  };

  // The band: at once in the answer's own words, then as the server shows it.
  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };

  const showBand = (kind, title, { scanned = "", advice = "", word = WORDS[kind] } = {}) => {
    const band = element("section", `band ${kind}`, "");
    band.id = "answer";
    band.append(element("p", "band-kind", word), element("p", "band-title", title));
    if (scanned) band.append(element("p", "band-note", `Scanned ${shorten(scanned)}`));
    if (advice) band.append(element("p", "band-advice", advice));
    document.querySelector("#band")?.replaceChildren(band);
    band.scrollIntoView({ block: "nearest" });
    say(`${word}: ${title}`);
  };

  // Readers of the page by ear hear each answer once, however often the band is drawn.
  const say = (text) => {
    const voice = document.querySelector("[data-voice]");
    if (voice === null) return;
    // The same words twice are heard twice only when they were gone in between.
    voice.textContent = "";
    requestAnimationFrame(() => (voice.textContent = text));
  };

  // The state of the page, as the server has it.
  let asking = null;
  let shown = null;

  const addressOf = (form, uuid, open) => {
    const parameters = new URLSearchParams(uuid ? { scan: uuid } : {});
    if (form.dataset.open && open) parameters.set(form.dataset.open, open.number);
    for (const input of optionsOf(form)) if (isChecked(input)) parameters.set(input.name, "on");
    return `${form.dataset.page}?${parameters}`;
  };

  const swap = (fresh) => {
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = fresh.getElementById(part.id);
      other?.querySelectorAll("[role=alert]").forEach((one) => one.removeAttribute("role"));
      if (other === null) part.replaceChildren();
      else if (other.outerHTML !== part.outerHTML) part.replaceWith(document.adoptNode(other));
    }
    document.title = fresh.title;
    if (Scanning.isBackground(document.activeElement)) Scanning.focusField();
  };

  // Shows the page in `response` in place of this one; leaves for it when it is no station any more.
  const show = async (response, signal) => {
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (signal.aborted) return;
    if (!response.ok || fresh.querySelector("form[data-station]") === null) {
      location.assign(response.url);
      return;
    }
    history.replaceState(null, "", response.url);
    swap(fresh);
    await Scanning.queue.setOpen(station().dataset.station, openOnPage());
  };

  const ask = async (address, options = {}) => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const response = await fetch(address, { ...options, credentials: "same-origin", signal });
    // A server that is away for a moment is as good as no connection.
    if (response.status >= 500 || response.status === 429) throw new TypeError(`Status ${response.status}.`);
    await show(response, signal);
  };

  const refresh = (uuid, open) =>
    ask(addressOf(station(), uuid, open)).catch((error) => {
      // A newer scan, or no connection: the next answer brings the page up to date.
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    });

  // A browser that keeps nothing can still send what it has now.
  const sendAsForm = (form, text) => {
    form.querySelector("[data-scan]").value = text;
    form.submit();
  };

  const scanText = async (form, text) => {
    asking?.abort();
    const { station: place, url, body } = form.dataset;
    const scan = { place, url, body: JSON.parse(body ?? "{}"), fields: fieldsOf(form), text };
    const state = await Scanning.queue.add(scan);
    if (state === "unstored") sendAsForm(form, text);
    if (state !== "waiting") return;
    Scanning.feedback.give("queued");
    showBand("queued", shorten(text), { advice: "It is sent as soon as the server can be reached." });
  };

  document.addEventListener("scanning:result", ({ detail }) => {
    const form = station();
    const { scan, result, open } = detail;
    if (form === null || scan.place !== Scanning.queue.placeOf(form.dataset.station)) return;
    const kind = Scanning.kindOf(result.outcome);
    Scanning.feedback.give(kind);
    showBand(kind, result.message, { scanned: scan.text });
    // What the server did not take it cannot show.
    if (!result.isUnknown) shown = { uuid: result.uuid, open };
  });

  // The page follows once nothing waits any more: quick scans are not held up by it.
  document.addEventListener("scanning:queue", ({ detail }) => {
    if (shown === null || detail.scans.length > 0) return;
    const { uuid, open } = shown;
    shown = null;
    refresh(uuid, open);
  });

  const sendQuietly = async (form, submitter) => {
    if (form.dataset.sent) return;
    form.dataset.sent = "true";
    const body = new FormData(form, submitter);
    try {
      await Scanning.queue.send();
      if (Scanning.queue.isLost) throw new TypeError("Scans are waiting.");
      await ask(form.action, { method: "POST", body });
      form.reset();
      const kind = document.querySelector("#answer")?.className.split(" ")[1];
      if (kind in WORDS) Scanning.feedback.give(kind);
      say(document.querySelector("#answer .band-title")?.textContent ?? "");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      Scanning.feedback.give("wrong");
      showBand("wrong", "No connection", { advice: "Nothing was changed. Try it again in a moment." });
    } finally {
      delete form.dataset.sent;
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-station]")) {
      event.preventDefault();
      const field = form.querySelector("[data-scan]");
      const text = field.value.trim();
      field.value = "";
      if (text) scanText(form, text);
      // A number is meant for one scan, a tick for all that follow.
      for (const input of optionsOf(form)) if (input.type === "number") input.value = "";
      field.focus({ preventScroll: true });
    } else if (form.matches("[data-quiet]") && station() !== null) {
      event.preventDefault();
      const command = form.dataset.command;
      if (command) scanText(station(), command);
      else sendQuietly(form, event.submitter);
      Scanning.focusField();
    }
  });

  Scanning.showBand = showBand;

  document.addEventListener("DOMContentLoaded", () => {
    const form = station();
    if (form !== null) Scanning.queue.setOpen(form.dataset.station, openOnPage());
  });
})();
