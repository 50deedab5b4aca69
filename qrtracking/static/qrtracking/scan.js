// What makes the scan pages quicker. Every page works without this file.
(() => {
  "use strict";

  // The same scan is sent once, however often the trigger is pulled while the server works.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A scan station has sent it already.
    if (event.defaultPrevented) return;
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
    if (window.Scanning.isUnused(document.activeElement)) window.Scanning.focusField();
  });
})();
