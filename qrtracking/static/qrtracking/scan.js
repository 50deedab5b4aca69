// What makes the scan pages quicker. Every page works without this file.
(() => {
  "use strict";

  const scanField = () => document.querySelector("[data-scan]");

  // A tap on plain text gives the focus to the page's main part, or to nothing.
  const isBackground = (element) => element === null || element.matches("body, main");

  const isUnused = (element) => isBackground(element) || (element.matches("input, textarea") && element.value === "");

  // Scanners end a label with Enter, which a form knows by itself, or with Tab.
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Tab" || event.shiftKey || !field.matches("[data-scan]") || !field.value.trim()) return;
    event.preventDefault();
    field.form.requestSubmit();
  });

  // A tap beside the field must not make the next scan vanish; a tap on another control is meant.
  document.addEventListener("focusout", (event) => {
    if (!event.target.matches("[data-scan]") || !isBackground(event.relatedTarget)) return;
    setTimeout(() => {
      const field = scanField();
      if (field && isBackground(document.activeElement)) field.focus({ preventScroll: true });
    });
  });

  // The same scan is sent once, however often the trigger is pulled while the server works.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
    // Loading may have been stopped by hand; the server recognises the same scan anyway.
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // Nobody looks: nothing is asked. Back in sight, the page is brought up to date at once.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.matches("[data-poll]")) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const part of document.querySelectorAll("[data-poll]")) window.htmx.trigger(part, "poll");
  });

  const showLost = (isLost) => {
    for (const notice of document.querySelectorAll("[data-poll-lost]")) notice.hidden = !isLost;
  };
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, () => showLost(true));
  }
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.successful !== false && event.detail.xhr.status < 400) showLost(false);
  });

  // The scan field that has just appeared takes the focus, unless somebody is typing elsewhere.
  document.addEventListener("htmx:afterSettle", () => {
    const field = scanField();
    if (field && isUnused(document.activeElement)) field.focus({ preventScroll: true });
  });
})();
