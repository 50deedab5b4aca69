// A live part of a page that is answered by another page (a login after the session ended) must not
// be filled with it: the whole page is loaded again, which leads to the login.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (!target || target.id !== "job-live") return;
  if (xhr.status === 200 && xhr.responseText.includes('id="job-live"')) return;
  event.detail.shouldSwap = false;
  if (xhr.status < 500) window.location.reload();
});
