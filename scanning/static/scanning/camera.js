// The camera scans into the page's field, as a scanner gun does. A worker reads one frame at a time;
// the code nearest the middle counts, and not again before it was out of sight for a moment.
//
// `data-camera` holds data-camera-toggle (button), data-camera-view with a video, data-camera-problem
// and the addresses data-worker, data-reader, data-wasm. "scanning:camera" {text} tells each new code.
(() => {
  "use strict";
  const Scanning = window.Scanning;
  const place = document.querySelector("[data-camera]");
  const photo = document.querySelector("[data-photo]");

  const IGNORED = 1_500; // ms after a code was last seen
  const WIDEST = 1_280; // pixels that are read of a frame
  const PROBLEMS = {
    NotAllowedError: "The browser may not use the camera. Allow it in the address bar, or take a photo.",
    NotFoundError: "No camera was found. Take a photo instead.",
    NotReadableError: "The camera is in use by another program.",
  };

  const photoInput = photo?.querySelector("input[type=file]") ?? null;
  photoInput?.addEventListener("change", () => photoInput.files.length > 0 && photo.requestSubmit());
  if (place === null) return;

  const find = (name) => place.querySelector(`[data-camera-${name}]`);
  const [toggle, view, problem] = [find("toggle"), find("view"), find("problem")];
  const video = view.querySelector("video");

  let worker = null;
  let answers = 0;
  const waiting = new Map();

  const startWorker = () => {
    const { worker: address, reader, wasm } = place.dataset;
    worker = new Worker(address);
    worker.postMessage({ reader: new URL(reader, location).href, wasm: new URL(wasm, location).href });
    worker.addEventListener("message", ({ data }) => {
      waiting.get(data.id)?.(data.codes);
      waiting.delete(data.id);
      if (data.error) fail(data.error);
    });
    worker.addEventListener("error", (event) => fail(event.message));
  };

  const fail = (reason) => {
    stop();
    tell("The reader of codes does not work in this browser. Take a photo instead.", reason);
    usePhotos();
  };

  const read = (picture) =>
    new Promise((resolve) => {
      const id = ++answers;
      waiting.set(id, resolve);
      worker.postMessage({ id, picture }, [picture.data.buffer]);
    });

  const tell = (text, reason = "") => {
    problem.textContent = text;
    problem.hidden = text === "";
    if (reason) console.warn(reason);
  };

  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  const takeFrame = () => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    [canvas.width, canvas.height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    paper.drawImage(video, 0, 0, canvas.width, canvas.height);
    return paper.getImageData(0, 0, canvas.width, canvas.height);
  };

  const fromMiddle = ({ x, y }) => Math.hypot(x - canvas.width / 2, y - canvas.height / 2);

  const seen = new Map();
  const isNew = (text, now) => {
    const last = seen.get(text) ?? -Infinity;
    seen.set(text, now);
    return now - last > IGNORED;
  };

  const take = (codes) => {
    if (codes.length === 0) return;
    const { text } = codes.reduce((best, code) => (fromMiddle(code) < fromMiddle(best) ? code : best));
    if (!isNew(text, performance.now())) return;
    place.dispatchEvent(new CustomEvent("scanning:camera", { bubbles: true, detail: { text } }));
    const field = Scanning.scanField();
    if (field) Scanning.finish(field, text, "camera");
  };

  let stream = null;
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  const watch = async (own) => {
    while (stream === own) {
      await nextFrame();
      if (stream === own && video.videoWidth > 0) take(await read(takeFrame()));
    }
  };

  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    view.hidden = true;
    toggle.textContent = "Camera";
    toggle.setAttribute("aria-pressed", "false");
    // The camera scans: no keyboard need cover half of a phone.
    Scanning.scanField()?.removeAttribute("inputmode");
  };

  const start = async () => {
    tell("");
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: { ideal: "environment" }, width: { ideal: WIDEST } },
      });
    } catch (error) {
      tell(PROBLEMS[error.name] ?? "The camera did not start.", error.name);
      usePhotos();
      return;
    }
    if (worker === null) startWorker();
    view.hidden = false;
    toggle.textContent = "Stop the camera";
    toggle.setAttribute("aria-pressed", "true");
    Scanning.scanField()?.setAttribute("inputmode", "none");
    video.srcObject = stream;
    await video.play();
    watch(stream);
  };

  // Without a camera the button takes a photo, where the page has a form for it.
  let takesPhotos = false;
  const usePhotos = () => {
    takesPhotos = photoInput !== null;
    toggle.hidden = !takesPhotos;
    toggle.textContent = "Photo";
    toggle.removeAttribute("aria-pressed");
  };

  toggle.addEventListener("click", () => {
    if (takesPhotos) photoInput.click();
    else if (stream === null) start();
    else stop();
  });
  window.addEventListener("pagehide", stop);
  if (navigator.mediaDevices?.getUserMedia && "Worker" in window) toggle.hidden = false;
  else usePhotos();
})();
