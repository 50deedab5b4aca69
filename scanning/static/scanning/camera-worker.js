// Reads codes from single pictures, beside the page. First message: {reader, wasm}, the addresses of
// the library and of its WebAssembly. Then {id, picture} each; answers {id, codes: [{text, x, y}]}.
"use strict";

const OPTIONS = {
  formats: ["QRCode", "DataMatrix", "Code128"],
  // The text as the label holds it, its group separators included.
  textMode: "Plain",
  tryHarder: true,
  maxNumberOfSymbols: 8,
};

const centre = ({ topLeft, topRight, bottomLeft, bottomRight }, axis) =>
  (topLeft[axis] + topRight[axis] + bottomLeft[axis] + bottomRight[axis]) / 4;

const findCodes = async (picture) => {
  const results = await ZXingWASM.readBarcodes(picture, OPTIONS);
  return results
    .filter((code) => code.isValid && code.text !== "")
    .map(({ text, position }) => ({ text, x: centre(position, "x"), y: centre(position, "y") }));
};

const read = async ({ id, picture }) => {
  try {
    postMessage({ id, codes: await findCodes(picture) });
  } catch (error) {
    // The page waits for an answer before it takes the next frame.
    postMessage({ id, codes: [], error: String(error) });
  }
};

addEventListener("message", ({ data }) => {
  if (!data.reader) return read(data);
  importScripts(data.reader);
  return ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => data.wasm }, fireImmediately: true });
});
