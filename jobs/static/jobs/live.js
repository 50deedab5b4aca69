// A live part of a page that is answered by another page (a login after the session ended) must not
// be filled with it: the whole page is loaded again, which leads to the login.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (!target || target.id !== "job-live") return;
  // 286 is the last answer: htmx shows it and asks no more.
  if ((xhr.status === 200 || xhr.status === 286) && xhr.responseText.includes('id="job-live"')) return;
  event.detail.shouldSwap = false;
  if (xhr.status < 500) window.location.reload();
});
