// The page on which a scanner, the speaker and the camera are tried: it shows what arrives.
(() => {
  "use strict";
  const Scanning = window.Scanning;
  const find = (name) => document.querySelector(`[data-device-${name}]`);

  // Few fonts have the signs for control characters.
  const NAMES = { "\u001d": "[GS]", "\u001e": "[RS]", "\u0004": "[EOT]" };
  const visible = (text) => text.replace(/[\u001d\u001e\u0004]/g, (sign) => NAMES[sign]);
  const ENDS = { Enter: "Enter", Tab: "Tab", pause: "a pause of 80 ms", camera: "the camera" };
  const KEPT = 20;

  const field = document.querySelector("#try");
  let times = [];
  field.addEventListener("keydown", (event) => {
    if (field.value === "") times = [];
    times.push(event.timeStamp);
  });

  const speedOf = (all) => {
    if (all.length < 2) return "all at once";
    const each = (all.at(-1) - all[0]) / (all.length - 1);
    return `${each.toFixed(1)} ms a key`;
  };

  const show = ({ text, end }) => {
    const separators = text.split(Scanning.GS).length - 1;
    find("text").textContent = visible(text);
    find("length").textContent = String(text.length);
    find("end").textContent = ENDS[end];
    find("separators").textContent = separators ? `${separators} [GS]` : "none";
    find("speed").textContent = speedOf(times);
    find("result").hidden = false;
  };

  document.addEventListener("scanning:scan", (event) => {
    event.preventDefault();
    if (event.detail.end !== "camera") show(event.detail);
  });

  document.addEventListener("scanning:camera", ({ detail }) => {
    const line = document.createElement("li");
    line.textContent = visible(detail.text);
    find("codes").prepend(line);
    find("codes").replaceChildren(...[...find("codes").children].slice(0, KEPT));
    Scanning.feedback.give("ok");
  });

  document.addEventListener("click", (event) => {
    const kind = event.target.closest?.("[data-device-sound]")?.dataset.deviceSound;
    if (kind) Scanning.feedback.give(kind);
  });

  const showMuted = () => (find("muted").hidden = !Scanning.feedback.isMuted());
  document.addEventListener("scanning:muted", showMuted);
  showMuted();
  find("no-camera").hidden = Boolean(navigator.mediaDevices?.getUserMedia);
})();
