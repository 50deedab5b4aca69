// The camera scans into the page's field, as a scanner gun does. A worker reads one frame at a time;
// the code nearest the middle counts, and not again before it was out of sight for a moment.
//
// `data-camera` holds data-camera-toggle (button), data-camera-view with a video, data-camera-problem
// and the addresses data-worker, data-reader, data-wasm. "scanning:camera" {text} tells each new code.
// Where there is no camera the button takes a photo: for the page's form with data-photo, else for
// the address data-decode, which answers {codes: [text]}.
(() => {
  "use strict";
  const Scanning = window.Scanning;

  const IGNORED = 1_500; // ms after a code was last seen
  const WIDEST = 1_280; // pixels that are read of a frame
  const PROBLEMS = {
    NotAllowedError: "The browser may not use the camera. Allow it in the address bar, or take a photo.",
    NotFoundError: "No camera was found. Take a photo instead.",
    NotReadableError: "The camera is in use by another program.",
  };
  const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia) && "Worker" in window;

  // Reads single pictures beside the page.
  class Reader {
    constructor({ worker, reader, wasm }, onError) {
      this.waiting = new Map();
      this.count = 0;
      this.worker = new Worker(worker);
      this.worker.postMessage({ reader: new URL(reader, location).href, wasm: new URL(wasm, location).href });
      this.worker.addEventListener("error", (event) => onError(event.message));
      this.worker.addEventListener("message", ({ data }) => {
        if (data.error) onError(data.error);
        this.waiting.get(data.id)?.(data.codes);
        this.waiting.delete(data.id);
      });
    }

    read(picture) {
      return new Promise((resolve) => {
        const id = ++this.count;
        this.waiting.set(id, resolve);
        this.worker.postMessage({ id, picture }, [picture.data.buffer]);
      });
    }
  }

  // Frames of a video, as pictures of a size that can be read quickly.
  class Frames {
    constructor(video) {
      this.video = video;
      this.canvas = document.createElement("canvas");
      this.paper = this.canvas.getContext("2d", { willReadFrequently: true });
    }

    take() {
      const { video, canvas, paper } = this;
      const scale = Math.min(1, WIDEST / video.videoWidth);
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight].map((side) => Math.round(side * scale));
      paper.drawImage(video, 0, 0, canvas.width, canvas.height);
      return paper.getImageData(0, 0, canvas.width, canvas.height);
    }

    nearestMiddle(codes) {
      const distance = ({ x, y }) => Math.hypot(x - this.canvas.width / 2, y - this.canvas.height / 2);
      return codes.reduce((best, code) => (distance(code) < distance(best) ? code : best));
    }
  }

  class Camera {
    constructor(place) {
      const find = (name) => place.querySelector(`[data-camera-${name}]`);
      this.place = place;
      [this.toggle, this.view, this.problem] = [find("toggle"), find("view"), find("problem")];
      this.video = this.view.querySelector("video");
      this.frames = new Frames(this.video);
      this.seen = new Map();
      this.stream = null;
      // The keyboard that the field had before the camera.
      this.keyboard = null;
      this.takesPhotos = !hasCamera();
      this.toggle.addEventListener("click", () => this.press());
      window.addEventListener("pagehide", () => this.stop());
      this.label();
    }

    press() {
      if (this.takesPhotos) photoInputOf(this)?.click();
      else if (this.stream === null) this.start();
      else this.stop();
    }

    label() {
      const [text, spoken] = this.takesPhotos ? ["Photo"] : this.stream ? ["Stop", "Stop the camera"] : ["Camera"];
      this.toggle.textContent = text;
      this.toggle.setAttribute("aria-label", spoken ?? text);
      this.toggle.hidden = this.takesPhotos && photoInputOf(this) === null;
    }

    tell(text) {
      this.problem.textContent = text;
      this.problem.hidden = text === "";
    }

    fail(text, reason) {
      console.warn("The camera does not scan:", reason);
      this.takesPhotos = true;
      this.stop();
      this.tell(text);
    }

    async start() {
      this.tell("");
      const wanted = { facingMode: { ideal: "environment" }, width: { ideal: WIDEST } };
      try {
        this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
      } catch (error) {
        this.fail(PROBLEMS[error.name] ?? "The camera did not start.", error.name);
        return;
      }
      const broken = "The reader of codes does not work in this browser. Take a photo instead.";
      this.reader ??= new Reader(this.place.dataset, (reason) => this.fail(broken, reason));
      this.view.hidden = false;
      this.label();
      // The camera scans: no keyboard need cover half of a phone.
      this.keyboard = Scanning.scanField()?.getAttribute("inputmode") ?? null;
      Scanning.scanField()?.setAttribute("inputmode", "none");
      this.video.srcObject = this.stream;
      await this.video.play();
      this.watch(this.stream);
    }

    stop() {
      const wasOn = this.stream !== null;
      for (const track of this.stream?.getTracks() ?? []) track.stop();
      this.stream = null;
      this.video.srcObject = null;
      this.view.hidden = true;
      this.label();
      if (!wasOn) return;
      if (this.keyboard === null) Scanning.scanField()?.removeAttribute("inputmode");
      else Scanning.scanField()?.setAttribute("inputmode", this.keyboard);
    }

    async watch(stream) {
      while (this.stream === stream) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (this.stream !== stream || this.video.videoWidth === 0) continue;
        const codes = await this.reader.read(this.frames.take());
        if (this.stream === stream && codes.length > 0) this.see(this.frames.nearestMiddle(codes).text);
      }
    }

    see(text) {
      const now = performance.now();
      const last = this.seen.get(text) ?? -Infinity;
      this.seen.set(text, now);
      if (now - last > IGNORED) this.take(text);
    }

    take(text) {
      this.place.dispatchEvent(new CustomEvent("scanning:camera", { bubbles: true, detail: { text } }));
      const field = Scanning.scanField();
      if (field) Scanning.finish(field, text, "camera");
    }
  }

  const ownInputs = new WeakMap();
  const photoInputOf = (camera) =>
    document.querySelector("[data-photo] input[type=file]") ??
    (camera.place.dataset.decode ? ownInputs.get(camera) ?? makeInput(camera) : null);

  const makeInput = (camera) => {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/jpeg,image/png" });
    input.addEventListener("change", () => input.files.length > 0 && decode(camera, input));
    ownInputs.set(camera, input);
    return input;
  };

  const decode = async (camera, input) => {
    const body = new FormData();
    body.append("image", input.files[0]);
    input.value = "";
    camera.tell("");
    const headers = { "X-CSRFToken": Scanning.csrfToken(), Accept: "application/json" };
    try {
      const response = await fetch(camera.place.dataset.decode, { method: "POST", headers, body });
      const answer = await response.json();
      if (response.ok) for (const text of answer.codes) camera.take(text);
      else camera.tell(answer.error);
    } catch (error) {
      console.warn("The photo was not read:", error.message);
      camera.tell("No connection. Try it again in a moment.");
    }
  };

  // A photo is sent as soon as it is chosen.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.matches("[data-photo] input[type=file]") && input.files.length > 0) input.form.requestSubmit();
  });

  // Parts of a page may come later than the page.
  const setUp = () => {
    for (const place of document.querySelectorAll("[data-camera]:not([data-is-set-up])")) {
      place.dataset.isSetUp = "";
      new Camera(place);
    }
  };
  document.addEventListener("DOMContentLoaded", setUp);
  document.addEventListener("htmx:afterSettle", setUp);
})();
