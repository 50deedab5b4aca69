// What a person hears, feels and sees of a scan without looking at the page: sounds, vibration, a
// flash over the whole screen. `Scanning.feedback.give("ok" | "duplicate" | "wrong" | "queued")`.
//
// A button with `data-mute` switches the sounds; the browser remembers it.
(() => {
  "use strict";
  const Scanning = (window.Scanning = window.Scanning || {});

  const MUTED = "scanning.muted";
  // [hertz, begin, seconds, shape]: to be told apart in a loud hall, also by people hard of hearing.
  const TONES = {
    ok: [[880, 0, 0.09, "sine"], [1319, 0.09, 0.14, "sine"]],
    duplicate: [[523, 0, 0.1, "square"], [523, 0.18, 0.1, "square"]],
    wrong: [[196, 0, 0.22, "sawtooth"], [147, 0.24, 0.4, "sawtooth"]],
  };
  const VIBRATIONS = { ok: [60], duplicate: [60, 80, 60], wrong: [300, 100, 300], queued: [30] };
  const SIGNS = { ok: "✓", duplicate: "=", wrong: "✕", queued: "…" };
  const FLASH = 350;

  // A browser that forbids storage still mutes, for this page.
  const memory = new Map();
  const remember = (key, value) => {
    memory.set(key, value);
    try {
      localStorage.setItem(key, value);
    } catch (error) {
      console.info("The sound setting is not remembered:", error.name);
    }
  };
  const recall = (key) => {
    try {
      return localStorage.getItem(key) ?? memory.get(key);
    } catch {
      return memory.get(key);
    }
  };

  const isMuted = () => recall(MUTED) === "yes";

  let audio = null;
  // Browsers let a page sound only after a tap or a key on it.
  const unlock = () => {
    audio ??= "AudioContext" in window ? new AudioContext() : null;
    if (audio?.state === "suspended") audio.resume();
  };

  const play = (kind) => {
    if (audio === null || audio.state === "closed") return;
    for (const [hertz, begin, seconds, shape] of TONES[kind] ?? []) {
      const start = audio.currentTime + begin;
      const tone = new OscillatorNode(audio, { frequency: hertz, type: shape });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setTargetAtTime(shape === "sine" ? 0.5 : 0.2, start, 0.005);
      volume.gain.setTargetAtTime(0, start + seconds, 0.02);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + seconds + 0.2);
    }
  };

  const vibrate = (kind) => {
    // Before the first tap a browser refuses, and complains.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(VIBRATIONS[kind]);
  };

  let cover = null;
  let timer = 0;
  const flash = (kind) => {
    if (cover === null) {
      cover = document.createElement("div");
      cover.setAttribute("aria-hidden", "true");
      document.body.append(cover);
    }
    cover.className = `scan-flash ${kind}`;
    cover.textContent = SIGNS[kind];
    cover.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (cover.hidden = true), FLASH);
  };

  const give = (kind) => {
    const isHeard = !isMuted() && kind in TONES;
    if (isHeard) play(kind);
    vibrate(kind);
    flash(kind);
    document.dispatchEvent(new CustomEvent("scanning:feedback", { detail: { kind, isHeard } }));
  };

  const showMute = (button) => {
    button.setAttribute("aria-pressed", String(isMuted()));
    button.textContent = isMuted() ? "Sound is off" : "Sound is on";
    button.hidden = false;
  };
  const showAll = () => document.querySelectorAll("[data-mute]").forEach(showMute);

  document.addEventListener("pointerdown", unlock);
  document.addEventListener("keydown", unlock);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-mute]")) return;
    remember(MUTED, isMuted() ? "no" : "yes");
    showAll();
    if (!isMuted()) play("ok");
    document.dispatchEvent(new CustomEvent("scanning:muted"));
    Scanning.focusField();
  });
  showAll();

  Scanning.feedback = { give, play, isMuted };
})();
